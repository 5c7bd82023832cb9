using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>Gives prompts the blocks of a shared system prompt and of the conversations they continue.</summary>
internal sealed class PrefixWriter(PrefixSpec spec, RandomStream random)
{
    // The same in every run: two synthetic traces replayed together share their system prompt.
    private const ulong SystemSalt = 0x5EED0F5751E3;

    private readonly List<ulong[]> open = [];
    private int oldest;

    public ReadOnlyMemory<ulong> Next(int promptTokens)
    {
        var blocks = new ulong[promptTokens / spec.BlockTokens];
        int kept = 0;
        int continued = -1;
        if (open.Count > 0 && random.NextDouble() < spec.ContinueShare)
        {
            for (int i = 0; i < spec.Candidates; i++)
            {
                int candidate = random.NextInt(open.Count);
                int length = open[candidate].Length;
                if (length <= blocks.Length && length > kept)
                    (kept, continued) = (length, candidate);
            }

            if (continued >= 0)
                open[continued].CopyTo(blocks, 0);
        }

        for (int i = kept; i < blocks.Length; i++)
            blocks[i] = i < spec.SystemBlocks ? SystemSalt + (ulong)i : random.NextUInt64();
        Remember(blocks, continued);
        return blocks;
    }

    private void Remember(ulong[] blocks, int continued)
    {
        if (continued >= 0)
            open[continued] = blocks;
        else if (open.Count < spec.OpenConversations)
            open.Add(blocks);
        else
            open[oldest++ % open.Count] = blocks;
    }
}
