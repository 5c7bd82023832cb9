using Tuner.Env.Cluster;
using Tuner.Env.Measurement;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation;

/// <summary>A policy driving a cluster over a whole trace, one window after another, until what arrived has left.</summary>
internal sealed class PolicyLoop
{
    private readonly ITuningPolicy policy;
    private readonly KnobRules rules;
    private readonly double windowSeconds;
    private readonly double end;

    /// <summary>Starts a run; the policy is reset.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The arrivals.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="start">Settings at the start; a <see cref="FixedPolicy"/> starts with its own.</param>
    /// <param name="sink">Receives what becomes of each request.</param>
    /// <param name="windowSeconds">Length of a window.</param>
    public PolicyLoop(EngineCostCache costs, TrafficTrace trace, ITuningPolicy policy, KnobSettings start, IOutcomeSink sink, double windowSeconds)
    {
        (this.policy, this.windowSeconds) = (policy, windowSeconds);
        rules = new KnobRules(costs.Scenario);
        policy.Reset();
        Cluster = new ServingCluster(costs.Scenario, costs, trace, policy is FixedPolicy own ? own.Settings : start) { Sink = sink };
        if (policy is ISeesCluster seeing)
            seeing.Attach(Cluster, () => new ServingCluster(costs.Scenario, costs, trace, Cluster.Settings));
        end = trace.DurationSeconds + PolicyRunner.DrainSeconds;
    }

    /// <summary>The cluster.</summary>
    public ServingCluster Cluster { get; }

    /// <summary>The window that ended last.</summary>
    public WindowMetrics Window { get; private set; }

    /// <summary>The settings it was served under.</summary>
    public KnobSettings Settings { get; private set; }

    /// <summary>Serves one window and lets the policy decide; false when nothing is left to serve.</summary>
    public bool Next()
    {
        if (Cluster.NowSeconds >= end || (Cluster.ArrivalsDone && Cluster.InFlight == 0))
            return false;
        Settings = Cluster.Settings;
        Cluster.Advance(Cluster.NowSeconds + windowSeconds);
        Window = Cluster.TakeWindow();
        if (policy is FixedPolicy)
            return true;
        KnobMask mask = rules.Mask(Cluster.Settings, Window, Cluster.SecondsSinceLayoutChange);
        Cluster.Change(rules.Resolve(Cluster.Settings, policy.Decide(Window, Cluster.Settings, mask)));
        return true;
    }
}
