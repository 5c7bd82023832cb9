namespace Tuner.Env.Cluster;

/// <summary>What must hold of a batch between two steps, whatever has happened.</summary>
internal static class BatchInvariants
{
    private const double Epsilon = 1e-9;

    /// <summary>Throws when the books do not balance.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="waiting">Those in front of it.</param>
    /// <param name="now">The instant, for the sentence.</param>
    /// <exception cref="InvalidOperationException">A count contradicts another.</exception>
    public static void Check(RunningBatch batch, WaitingRoom waiting, double now)
    {
        SequenceTable seq = batch.Sequences;
        KvMemory kv = batch.Kv;
        kv.MakeRoom(0);
        int reserved = 0;
        int decodes = 0;
        foreach (int row in seq.Order)
        {
            reserved += seq.OwnBlocks[row];
            double generated = seq.Generated[row];
            if (seq.Decodes[row])
            {
                decodes++;
                generated = batch.Decoding.Generated(row);
            }

            if (seq.OwnBlocks[row] < 0 || seq.Done[row] > seq.Target[row] || generated > seq.Output[row] + Epsilon)
                throw new InvalidOperationException($"Sequence {seq.Request[row]} at {now} s: {seq.OwnBlocks[row]} blocks, {seq.Done[row]} of {seq.Target[row]} prompt tokens, {generated} of {seq.Output[row]} output tokens.");
        }

        PrefixCache cache = kv.Cache;
        if (reserved != kv.Reserved)
            throw new InvalidOperationException($"{reserved} KV blocks set aside for sequences at {now} s, {kv.Reserved} counted.");
        if (decodes != batch.Decoding.Count || seq.Count - decodes != seq.PrefillCount)
            throw new InvalidOperationException($"{seq.Count} sequences at {now} s, of which {batch.Decoding.Count} decode and {seq.PrefillCount} do not.");
        if (kv.Free < 0)
            throw new InvalidOperationException($"{kv.Held} KV blocks in use of {kv.Total} at {now} s.");
        if (cache.EvictableBlocks > cache.GpuBlocks || cache.HostBlocks > Math.Max(0, cache.HostCapacity))
            throw new InvalidOperationException($"Prefix cache at {now} s: {cache.EvictableBlocks} evictable of {cache.GpuBlocks}; {cache.HostBlocks} of {cache.HostCapacity} in host memory.");
        int swapped = 0;
        for (int i = 0; i < waiting.Count; i++)
            swapped += waiting[i].Swapped;
        if (swapped != waiting.SwappedBlocks)
            throw new InvalidOperationException($"{swapped} KV blocks swapped out at {now} s, {waiting.SwappedBlocks} counted.");
    }
}
