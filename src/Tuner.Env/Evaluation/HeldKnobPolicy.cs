using Tuner.Env.Cluster;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation;

/// <summary>A policy with one knob taken from it: what it loses is what that knob contributed.</summary>
/// <remarks>The knob stays where it is held even where the mask would leave that value, as when the quality budget is spent.</remarks>
/// <param name="inner">The policy; it is not told.</param>
/// <param name="knob">The knob held.</param>
/// <param name="value">The value it is held at, counted as by the indexer of <see cref="KnobSettings"/>.</param>
public sealed class HeldKnobPolicy(ITuningPolicy inner, Knob knob, int value) : ITuningPolicy, ISeesCluster
{
    /// <inheritdoc/>
    public string Name { get; } = $"{inner.Name} without {knob}";

    /// <inheritdoc/>
    public void Reset() => inner.Reset();

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
        => inner.Decide(window, current, mask).With(knob, value);

    /// <inheritdoc/>
    public void Attach(ServingCluster cluster, Func<ServingCluster> fresh) => (inner as ISeesCluster)?.Attach(cluster, fresh);
}
