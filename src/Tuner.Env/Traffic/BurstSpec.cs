namespace Tuner.Env.Traffic;

/// <summary>Bursts that multiply the load: how far apart (exponential), how long and how high (both uniform).</summary>
internal sealed record BurstSpec(double MeanGapSeconds, double MinSeconds, double MaxSeconds, double MinFactor, double MaxFactor)
{
    /// <summary>What bursts do to the mean load.</summary>
    public double MeanFactor
    {
        get
        {
            double length = (MinSeconds + MaxSeconds) / 2;
            return 1 + (length / (length + MeanGapSeconds) * (((MinFactor + MaxFactor) / 2) - 1));
        }
    }
}
