using Tuner.Env.Evaluation;

namespace Tuner.Cli.Reporting;

/// <summary>Speed, energy and quality of a policy at loads fixed settings carry.</summary>
/// <param name="Traffic">The traffic.</param>
/// <param name="Load">The load static-best just carries, as a multiple of the rate.</param>
/// <param name="Attainment">Promises kept there, above static-best's.</param>
/// <param name="LatencyRatio">Median latency there, over static-best's.</param>
/// <param name="EnergyRatio">Joules per token there, over static-best's.</param>
/// <param name="LossyLoad">A load beyond static-best's that the policy and a lossy fixed setting both carry; null where the policy carries none.</param>
/// <param name="QualitySpent">Points the policy spends there.</param>
/// <param name="LossyQuality">Points the lossy setting spends.</param>
internal sealed record EqualServiceRow(
    string Traffic,
    double Load,
    PairedDifference Attainment,
    double LatencyRatio,
    double EnergyRatio,
    double? LossyLoad,
    double QualitySpent,
    double LossyQuality)
{
    /// <summary>Points spent over those of the lossy setting; null where there is nothing to compare.</summary>
    public double? QualityRatio => LossyLoad is null ? null : QualitySpent / LossyQuality;
}
