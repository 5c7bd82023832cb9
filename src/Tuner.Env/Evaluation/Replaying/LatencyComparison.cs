namespace Tuner.Env.Evaluation.Replaying;

/// <summary>One statistic of one latency, measured and simulated.</summary>
/// <param name="Latency">Which latency: <c>TTFT</c>, <c>TPOT</c> or <c>latency</c>.</param>
/// <param name="Statistic">Which statistic: <c>mean</c>, <c>p50</c>, <c>p90</c>, <c>p95</c> or <c>p99</c> (nearest rank).</param>
/// <param name="MeasuredMs">Of the real run, milliseconds.</param>
/// <param name="SimulatedMs">Of the replay, milliseconds.</param>
public readonly record struct LatencyComparison(string Latency, string Statistic, double MeasuredMs, double SimulatedMs)
{
    /// <summary>Simulated over measured, less one.</summary>
    public double Difference => (SimulatedMs / MeasuredMs) - 1;
}
