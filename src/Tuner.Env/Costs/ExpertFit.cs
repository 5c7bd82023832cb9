namespace Tuner.Env.Costs;

/// <summary>What grouped products of a mixture of experts achieve: time = overhead + √((flops/compute)² + (bytes/bandwidth)²).</summary>
/// <param name="FlopsPerSecond">Achieved arithmetic rate.</param>
/// <param name="BytesPerSecond">Achieved bandwidth of reading experts.</param>
/// <param name="OverheadSeconds">Routing, sorting and the floor of the calls.</param>
/// <param name="ActivationPasses">How often a token's activations pass through memory for each of its visits.</param>
/// <param name="BytesPerWeight">Bytes read a weight, block scales included.</param>
public sealed record ExpertFit(double FlopsPerSecond, double BytesPerSecond, double OverheadSeconds, double ActivationPasses, double BytesPerWeight)
{
    /// <summary>Seconds of gate, up and down products of one layer's routed experts on the busiest GPU.</summary>
    /// <param name="layout">The experts.</param>
    /// <param name="load">What routing sends there.</param>
    public double Seconds(ExpertLayout layout, RoutedLoad load)
    {
        double weights = 3.0 * layout.Hidden * layout.Width;
        return OverheadSeconds + double.Hypot(2 * weights * load.Visits / FlopsPerSecond, Bytes(layout, load) / BytesPerSecond);
    }

    /// <summary>Bytes they read and write: experts touched, and 16-bit activations.</summary>
    public double Bytes(ExpertLayout layout, RoutedLoad load) =>
        (load.Touched * 3.0 * layout.Hidden * layout.Width * BytesPerWeight) + (2 * ActivationPasses * load.Visits * (layout.Hidden + layout.Width));
}
