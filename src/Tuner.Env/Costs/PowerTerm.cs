namespace Tuner.Env.Costs;

/// <summary>Power of a GPU by how busy it is: idle + memory share · memory + arithmetic share · arithmetic, up to its limit.</summary>
/// <remarks>
/// Linear in utilisation, as activity-based power models are (Isci and Martonosi, MICRO 2003). Links, and what a frequency cut at the limit
/// costs in time, are not modelled: kernel times were measured under the same limit.
/// </remarks>
/// <param name="IdleWatts">While it waits with weights loaded and clocks up.</param>
/// <param name="MemoryWatts">Added at the peak bandwidth of the memory.</param>
/// <param name="ArithmeticWatts">Added while products run at the rate large ones reach (<see cref="GemmFit.FlopsPerSecond"/>).</param>
/// <param name="LimitWatts">What the board allows.</param>
/// <param name="Provenance">What the figures rest on.</param>
/// <param name="Source">Where they come from.</param>
public sealed record PowerTerm(double IdleWatts, double MemoryWatts, double ArithmeticWatts, double LimitWatts, Provenance Provenance, string Source)
{
    /// <summary>Watts at shares of the peak bandwidth and of the time products would take at full rate, 0 to 1 each.</summary>
    public double At(double memoryShare, double arithmeticShare) =>
        Math.Min(LimitWatts, IdleWatts + (memoryShare * MemoryWatts) + (arithmeticShare * ArithmeticWatts));
}
