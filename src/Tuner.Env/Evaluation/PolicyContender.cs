using Tuner.Env.Cluster;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation;

/// <summary>A policy, and the cluster it runs. May be run on several threads at once: each run makes a policy of its own.</summary>
/// <param name="costs">The scenario and its prepared engines; a mixed fleet has its own.</param>
/// <param name="make">Makes the policy, once a run.</param>
/// <param name="start">Settings each run begins with.</param>
public sealed class PolicyContender(EngineCostCache costs, Func<ITuningPolicy> make, KnobSettings start) : IContender
{
    /// <inheritdoc/>
    public string Name { get; } = make().Name;

    /// <summary>The scenario and its prepared engines.</summary>
    public EngineCostCache Costs => costs;

    /// <summary>Settings each run begins with.</summary>
    public KnobSettings Start => start;

    /// <summary>Makes the policy.</summary>
    public ITuningPolicy Make() => make();

    /// <inheritdoc/>
    public RunResult Run(TrafficTrace trace, CancellationToken cancellation = default)
        => PolicyRunner.Run(costs, trace, make(), start, cancellation: cancellation);

    /// <inheritdoc/>
    public bool Carries(TrafficTrace trace, CancellationToken cancellation = default)
        => LoadCheck.Carries(costs, trace, make(), start, cancellation);
}
