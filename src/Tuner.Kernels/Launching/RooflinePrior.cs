namespace Tuner.Kernels.Launching;

/// <summary>How long a launch should take, before any is timed: a roofline that occupancy and the last wave hold back.</summary>
/// <remarks><code>
/// time = waves · blocks a wave · max(flops / (F·a), bytes / (B·m)) / whole warps
/// a = min(1, warps · independent / 24)     m = min(1, warps · min(independent, 4) / 32)
/// </code>
/// Arithmetic needs about 24 independent instructions in flight on a multiprocessor (four schedulers, latency four to six cycles:
/// Volkov, "Better Performance at Lower Occupancy", GTC 2010; Jia et al., arXiv:1804.06826); memory about 32 requests of a warp
/// by Little's law. The prior only orders configurations, so a common factor does not matter.
/// </remarks>
public static class RooflinePrior
{
    private const double ArithmeticInFlight = 24;
    private const double RequestsInFlight = 32;
    private const double MostRequestsOfAWarp = 4;

    /// <summary>Seconds a launch should take; infinite where it cannot be launched.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="work">The launch.</param>
    public static double Seconds(GpuSpec gpu, LaunchWork work)
    {
        Occupancy occupancy = Occupancy.Of(gpu.Limits, work.Resources, work.Threads, work.DynamicSharedBytes);
        if (occupancy.Blocks == 0)
            return double.PositiveInfinity;
        long places = (long)occupancy.Blocks * gpu.Multiprocessors;
        long resident = Math.Min(places, work.GridBlocks);
        double warps = (double)occupancy.Warps * resident / places;
        double arithmetic = Math.Min(1, warps * work.Independent / ArithmeticInFlight);
        double memory = Math.Min(1, warps * Math.Min(work.Independent, MostRequestsOfAWarp) / RequestsInFlight);
        int wholeWarps = (work.Threads + MultiprocessorLimits.WarpThreads - 1) / MultiprocessorLimits.WarpThreads * MultiprocessorLimits.WarpThreads;
        double perBlock = Math.Max(
            work.Flops * wholeWarps / work.Threads / (gpu.FlopsPerSecond * arithmetic),
            work.Bytes / (gpu.BytesPerSecond * memory));
        return perBlock * work.GridBlocks / Occupancy.WaveEfficiency(work.GridBlocks, places);
    }
}
