using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>Finds KV blocks for requests that want a place in the batch, cached prefixes first.</summary>
internal sealed class Admission(ClusterScope scope, SequenceTable seq, KvMemory kv)
{
    /// <summary>Whether a request fits the KV memory when nothing else is in it.</summary>
    public bool CanHold(int request)
        => KvMemory.BlocksFor(scope.Trace.PromptTokens[request] + scope.Trace.OutputTokens[request] + 1 + kv.Lookahead) + 1 <= kv.Total;

    /// <summary>Gives a request a place, if there are blocks for its prompt (or, where the engine reserves those, for its answer too).</summary>
    /// <param name="item">The request.</param>
    /// <param name="settings">How the replica runs.</param>
    /// <param name="link">Brings back what lies in host memory.</param>
    /// <param name="now">When.</param>
    /// <returns>Its row; −1 when there is no room.</returns>
    public int TryAdmit(in WaitingRequest item, ReplicaSettings settings, ref HostLink link, double now)
    {
        int prompt = scope.Trace.PromptTokens[item.Request];
        int output = scope.Reads(item.Request).Tokens;
        int target = prompt + (int)Math.Ceiling(item.Generated - 1e-9);
        int total = kv.Grows ? target + 1 : prompt + output + 1;
        ReadOnlySpan<ulong> hashes = scope.Trace.PrefixBlocks(item.Request);
        int blockTokens = scope.Trace.PrefixBlockTokens(item.Request);
        int kvPerPrefixBlock = blockTokens / MemoryPlan.BlockTokens;

        // At least one token is always computed: it is what produces the next one.
        int match = blockTokens == 0 ? 0 : Math.Min(kv.Cache.MatchLength(hashes), (target - 1) / blockTokens);
        int own = KvMemory.BlocksFor(total) - (match * kvPerPrefixBlock);
        int watermark = seq.Count > 0 ? (int)(settings.Schedule.Watermark * kv.Total) : 0;
        (int fromHost, int idle) = match == 0 ? (0, 0) : Whereabouts(hashes[..match]);
        if (!kv.CouldHold(own + fromHost + watermark, idle))
            return -1;

        // What it left behind and nobody has taken since need not be computed again.
        int found = item.Left == 0 ? 0 : (int)Math.Max(0, item.Left - Math.Max(0, kv.Taken - item.LostAfter));
        double ready = Math.Max(now, item.Ready);
        int held = 0;
        for (; held < match; held++)
        {
            if (!TryAcquire(hashes[held], settings, ref link, now, ref ready))
                break;
        }

        own = KvMemory.BlocksFor(total) - (held * kvPerPrefixBlock);
        if (!kv.MakeRoom(own))
        {
            for (int b = 0; b < held; b++)
                kv.Cache.Release(hashes[b]);
            return -1;
        }

        if (item.Swapped > 0)
        {
            (double seconds, double done) = link.Copy(settings, item.Swapped, now);
            scope.Collector.LinkSeconds += seconds;
            ready = Math.Max(ready, done);
        }

        int cached = Math.Min((held * blockTokens) + (held == match ? found * MemoryPlan.BlockTokens : 0), (target - 1) / MemoryPlan.BlockTokens * MemoryPlan.BlockTokens);
        bool decodes = item.Kept > 0 && item.Generated > 0 && item.Kept >= prompt + item.Generated - 1 - 1e-9;
        int row = seq.Add();
        seq.Request[row] = item.Request;
        seq.Prompt[row] = prompt;
        seq.Output[row] = output;
        seq.Target[row] = target;
        seq.Done[row] = decodes ? target : Math.Min(Math.Max(cached, (int)Math.Min(item.Kept, target)), target - 1);
        seq.Chunk[row] = 0;
        seq.OwnBlocks[row] = own;
        seq.SharedPrefix[row] = held;
        seq.SharedBlocks[row] = held * kvPerPrefixBlock;
        seq.Decodes[row] = false;
        seq.Generated[row] = item.Generated;
        seq.Arrival[row] = item.Arrival;
        seq.FirstToken[row] = item.FirstToken;
        seq.Ready[row] = ready;
        seq.LossTokens[row] = item.LossTokens;
        seq.Class[row] = scope.Trace.Classes[item.Request];
        kv.Reserved += own;
        scope.Collector.CachedTokens += cached;
        return row;
    }

    /// <summary>Puts the blocks of a processed prompt into the prefix cache, up to the first that is there already.</summary>
    public void Share(int row, ReadOnlySpan<ulong> hashes)
    {
        int kvPerPrefixBlock = scope.Trace.PrefixBlockTokens(seq.Request[row]) / MemoryPlan.BlockTokens;
        while (seq.SharedPrefix[row] < hashes.Length && kv.Cache.TryAdd(hashes[seq.SharedPrefix[row]], kvPerPrefixBlock))
        {
            seq.SharedPrefix[row]++;
            seq.SharedBlocks[row] += kvPerPrefixBlock;
            seq.OwnBlocks[row] -= kvPerPrefixBlock;
            kv.Reserved -= kvPerPrefixBlock;
        }
    }

    private (int FromHost, int Idle) Whereabouts(ReadOnlySpan<ulong> hashes)
    {
        int fromHost = 0;
        int idle = 0;
        foreach (ulong hash in hashes)
        {
            kv.Cache.TryFind(hash, out bool onGpu, out int kvBlocks);
            if (!onGpu)
                fromHost += kvBlocks;
            else if (kv.Cache.IsIdle(hash))
                idle += kvBlocks;
        }

        return (fromHost, idle);
    }

    /// <summary>Takes a cached block into use, from host memory if need be. False when making room for it pushed it out altogether.</summary>
    private bool TryAcquire(ulong hash, ReplicaSettings settings, ref HostLink link, double now, ref double ready)
    {
        kv.Cache.TryFind(hash, out bool onGpu, out int kvBlocks);
        if (!onGpu)
            kv.MakeRoom(kvBlocks);
        if (!kv.Cache.TryFind(hash, out onGpu, out kvBlocks))
            return false;
        (double blockReady, bool prefetched) = kv.Cache.Acquire(hash);
        if (prefetched)
            scope.Collector.PrefetchHits++;
        if (!onGpu)
        {
            (double seconds, blockReady) = link.Copy(settings, kvBlocks, now);
            scope.Collector.LinkSeconds += seconds;
            kv.Cache.SetReady(hash, blockReady);
        }

        ready = Math.Max(ready, blockReady);
        return true;
    }
}
