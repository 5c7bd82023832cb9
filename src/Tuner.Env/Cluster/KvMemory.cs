using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>The KV blocks of a replica: those of its sequences, exactly, and those of cached prefixes.</summary>
internal sealed class KvMemory(DecodingSet decoding)
{
    private const double Epsilon = 1e-9;

    /// <summary>Prompts whose KV is kept.</summary>
    public PrefixCache Cache { get; } = new();

    /// <summary>Blocks there are.</summary>
    public int Total { get; set; }

    /// <summary>Blocks set aside for sequences that do not decode, and for whole answers where the engine reserves those.</summary>
    public int Reserved { get; set; }

    /// <summary>Tokens a step may add to a sequence beyond the next: those drafted.</summary>
    public int Lookahead { get; set; }

    /// <summary>Whether sequences take their blocks as they grow; else all were set aside at admission.</summary>
    public bool Grows { get; set; } = true;

    /// <summary>Blocks of the sequences, shared prefixes not counted.</summary>
    public int Own => Reserved + (Grows ? decoding.Blocks(0, Lookahead) : 0);

    /// <summary>Blocks nobody holds; below 0 until room is made.</summary>
    public int Free => Total - Own - Cache.GpuBlocks;

    /// <summary>Blocks that hold something, whether or not a sequence uses it.</summary>
    public int Held => Own + Cache.GpuBlocks;

    /// <summary>Blocks given back so far.</summary>
    public long GivenBack { get; private set; }

    /// <summary>Blocks taken so far, whether or not they have been given back.</summary>
    public long Taken => Held + GivenBack;

    /// <summary>
    /// Blocks that will have been taken when the first of those given back now is taken again: free blocks are reused in the order in which they
    /// became free, those of idle prefixes among them (vLLM's free-block queue).
    /// </summary>
    public long ReusedAfter => Total + GivenBack + Cache.EvictableBlocks;

    /// <summary>Share of blocks that sequences use, shared ones counted once; all of them when the next step wants more than there are.</summary>
    public double Use => Math.Min(1, (double)(Own + Cache.GpuBlocks - Cache.EvictableBlocks) / Math.Max(1, Total));

    /// <summary>Whole blocks for a number of tokens.</summary>
    public static int BlocksFor(double tokens) => (int)Math.Ceiling((tokens - Epsilon) / MemoryPlan.BlockTokens);

    /// <summary>Pushes idle prefixes out until so many blocks are free, or nothing idle is left.</summary>
    /// <returns>Whether they are free.</returns>
    public bool MakeRoom(int blocks)
    {
        if (SurelyFree(blocks))
            return true;
        while (Free < blocks)
        {
            if (!Evict())
                return false;
        }

        return true;
    }

    /// <summary>Pushes the oldest idle prefix block out; false when there is none.</summary>
    public bool Evict()
    {
        int freed = Cache.EvictOldest();
        GivenBack += freed;
        return freed > 0;
    }

    /// <summary>Books the blocks of a sequence that leaves.</summary>
    public void GiveBack(int blocks) => GivenBack += blocks;

    /// <summary>Whether so many blocks are free or could be: idle prefixes would leave.</summary>
    /// <param name="blocks">How many.</param>
    /// <param name="idleInUse">Idle blocks that must stay.</param>
    public bool CouldHold(int blocks, int idleInUse)
        => SurelyFree(blocks) || blocks <= Free + Math.Max(0, Cache.EvictableBlocks - idleInUse);

    /// <summary>The most decode steps, at least 1, for which blocks suffice.</summary>
    /// <param name="steps">How many are wanted.</param>
    /// <param name="evicts">Whether idle prefixes are pushed out for them.</param>
    public int StepsThatFit(int steps, bool evicts)
    {
        int room = Total - Reserved - Cache.GpuBlocks + (evicts ? Cache.EvictableBlocks : 0);
        if (!Grows || decoding.MostBlocks(steps - 1L, Lookahead) <= room || decoding.Blocks(steps - 1L, Lookahead) <= room)
            return steps;
        int fit = 1;
        while (fit + 1 < steps)
        {
            int middle = fit + ((steps - fit) / 2);
            if (decoding.Blocks(middle - 1L, Lookahead) <= room)
                fit = middle;
            else
                steps = middle;
        }

        return fit;
    }

    /// <summary>Becomes a copy of another memory; its decoding set has been copied.</summary>
    public void CopyFrom(KvMemory other)
    {
        (Total, Reserved, Lookahead, Grows, GivenBack) = (other.Total, other.Reserved, other.Lookahead, other.Grows, other.GivenBack);
        Cache.CopyFrom(other.Cache);
    }

    private bool SurelyFree(int blocks)
        => Total - Reserved - Cache.GpuBlocks - (Grows ? decoding.MostBlocks(0, Lookahead) : 0) >= blocks;
}
