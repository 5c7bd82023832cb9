using Tuner.Env.Measurement;

namespace Tuner.Env.Cluster;

/// <summary>
/// Brings prefixes back from host memory before they are asked for: those reused before, most recently used first
/// (<see cref="PrefixCache.TryPredict"/>), one block at a time and only over an idle link, so that what requests need now goes first. A wrong
/// guess costs link time and pushes an idle prefix out.
/// </summary>
internal static class Prefetcher
{
    /// <summary>Memory with less free than this share is full: something must leave for what comes.</summary>
    private const int FullDivisor = 20;

    /// <summary>Starts the copies that may start now.</summary>
    /// <returns>When the link is free for the next one; infinity when none is expected.</returns>
    public static double Run(KvMemory kv, ReplicaSettings settings, ref HostLink link, WindowCollector collector, double now)
    {
        PrefixCache cache = kv.Cache;
        while (cache.HostBlocks > 0)
        {
            if (!cache.TryPredict(kv.Free, kv.Total / FullDivisor, out ulong hash, out int kvBlocks, out bool displaces))
                return double.PositiveInfinity;
            if (link.FreeSeconds > now)
                return link.FreeSeconds;
            if (displaces && !kv.Evict())
                return double.PositiveInfinity;
            if (kv.Free < kvBlocks || !cache.TryFind(hash, out bool onGpu, out _) || onGpu)
                continue; // what left was smaller, or pushed the expected block out of host memory: look again
            (double seconds, double done) = link.Copy(settings, kvBlocks, now);
            collector.LinkSeconds += seconds;
            cache.Prefetch(hash, done);
            collector.Prefetched++;
        }

        return double.PositiveInfinity;
    }
}
