using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>How one fixed setting did on the traffic searched.</summary>
/// <param name="Settings">The setting.</param>
/// <param name="Attainment">Share of requests that met both promises, over all traces.</param>
/// <param name="QualityLoss">Mean quality loss, points.</param>
/// <param name="MeanLatencySeconds">Mean request latency.</param>
/// <param name="JoulesPerToken">Energy per output token.</param>
/// <param name="WithinBudget">Whether the quality budget is kept.</param>
public sealed record RankedSettings(KnobSettings Settings, double Attainment, double QualityLoss, double MeanLatencySeconds, double JoulesPerToken, bool WithinBudget);
