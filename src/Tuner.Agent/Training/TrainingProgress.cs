using System.Collections.ObjectModel;

namespace Tuner.Agent.Training;

/// <summary>What one update looked like.</summary>
/// <param name="Update">Updates so far, from 1.</param>
/// <param name="Steps">Environment steps so far.</param>
/// <param name="Episodes">Episodes finished so far.</param>
/// <param name="MeanReturn">Mean return of the last 100 finished episodes; null before the first.</param>
/// <param name="StepsPerSecond">Environment steps a second of this update, learning included.</param>
/// <param name="ApproxKl">How far the update moved the policy (k3 estimate).</param>
/// <param name="Entropy">Entropy of the policy, summed over heads, nats.</param>
/// <param name="ExplainedVariance">Share of the returns' variance the critic foresaw; 1 is perfect, below 0 worse than a constant.</param>
/// <param name="ClipFraction">Share of probability ratios beyond the clip range.</param>
/// <param name="PolicyLoss">Clipped surrogate loss.</param>
/// <param name="ValueLoss">Value loss, in scaled reward.</param>
/// <param name="LearningRate">Learning rate of this update.</param>
public sealed record TrainingProgress(
    int Update, long Steps, long Episodes, double? MeanReturn, double StepsPerSecond, double ApproxKl, double Entropy,
    double ExplainedVariance, double ClipFraction, double PolicyLoss, double ValueLoss, double LearningRate)
{
    /// <summary>What the environments measured (<c>IEnvironment.InfoNames</c>), mean over the steps of this update's rollout; for a serving environment each term of the reward among it.</summary>
    public IReadOnlyDictionary<string, double> Measured { get; init; } = ReadOnlyDictionary<string, double>.Empty;
}
