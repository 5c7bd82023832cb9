namespace Tuner.Env.Baselines;

/// <summary>How one fixed setting did in one context.</summary>
/// <param name="Attainment">Share of requests that met both promises.</param>
/// <param name="QualityLoss">Mean quality loss, points.</param>
/// <param name="MeanLatencySeconds">Mean request latency.</param>
internal readonly record struct ContextScore(double Attainment, double QualityLoss, double MeanLatencySeconds)
{
    /// <summary>A setting three times as slow is worth a point of promises less: enough to break ties, no more.</summary>
    private const double LatencyWeight = 0.01;

    /// <summary>What the setting is worth: promises kept, less latency and quality at its price.</summary>
    /// <param name="qualityPrice">Promises a point of quality must buy.</param>
    /// <param name="bestLatencySeconds">The lowest mean latency any setting reached in this context.</param>
    public double Value(double qualityPrice, double bestLatencySeconds)
    {
        double slowness = Math.Min(1, Math.Log(Math.Max(1, MeanLatencySeconds / Math.Max(bestLatencySeconds, 1e-9))));
        return Attainment - (LatencyWeight * slowness) - (qualityPrice * QualityLoss);
    }
}
