namespace Tuner.Env.Costs;

/// <summary>The time of one projection y[m, n] = x[m, k] · w[k, n] as a function of m. See <see cref="GemmFit"/>.</summary>
internal readonly struct GemmCost(GemmFit fit, double k, double n)
{
    private readonly double weightSeconds = k * n * fit.BytesPerWeight / fit.BytesPerSecond;
    private readonly double activationSecondsPerRow = 2 * (k + n) / fit.BytesPerSecond;
    private readonly double overhead = fit.OverheadSeconds;

    /// <summary>Arithmetic seconds a row.</summary>
    public double SecondsPerRow { get; } = 2 * k * n / fit.FlopsPerSecond;

    /// <summary>Seconds for m rows.</summary>
    public double Seconds(double m)
    {
        double compute = m * SecondsPerRow;
        double memory = weightSeconds + (m * activationSecondsPerRow);
        return overhead + Math.Sqrt((compute * compute) + (memory * memory));
    }
}
