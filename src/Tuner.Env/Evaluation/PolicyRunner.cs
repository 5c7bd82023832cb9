using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation;

/// <summary>Runs a policy over a whole trace, window by window, and until what arrived has left.</summary>
public static class PolicyRunner
{
    /// <summary>How long after the last arrival requests may still finish, seconds; what is left then has missed its promise.</summary>
    public const double DrainSeconds = 300;

    /// <summary>Runs one policy.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The arrivals.</param>
    /// <param name="policy">The policy; it is reset first.</param>
    /// <param name="start">Settings at the start; a <see cref="FixedPolicy"/> starts with its own.</param>
    /// <param name="windowSeconds">Length of a window.</param>
    /// <param name="cancellation">Stops between windows.</param>
    public static RunResult Run(EngineCostCache costs, TrafficTrace trace, ITuningPolicy policy, KnobSettings start, double windowSeconds = 10, CancellationToken cancellation = default)
    {
        Scenario scenario = costs.Scenario;
        var rules = new KnobRules(scenario);
        policy.Reset();
        KnobSettings first = policy is FixedPolicy fixedPolicy ? fixedPolicy.Settings : start;
        var outcomes = new OutcomeTable(trace);
        var cluster = new ServingCluster(scenario, costs, trace, first) { Sink = outcomes };
        var windows = new List<WindowMetrics>();
        var settings = new List<KnobSettings>();
        double layoutChanged = double.NegativeInfinity;
        double end = trace.DurationSeconds + DrainSeconds;
        while (cluster.NowSeconds < end && (!cluster.ArrivalsDone || cluster.InFlight > 0))
        {
            cancellation.ThrowIfCancellationRequested();
            settings.Add(cluster.Settings);
            cluster.Advance(cluster.NowSeconds + windowSeconds);
            WindowMetrics window = cluster.TakeWindow();
            windows.Add(window);
            if (policy is FixedPolicy)
                continue;
            KnobMask mask = rules.Mask(cluster.Settings, window, cluster.NowSeconds - layoutChanged);
            KnobSettings wanted = rules.Resolve(cluster.Settings, policy.Decide(window, cluster.Settings, mask));
            if (wanted.Parallelism != cluster.Settings.Parallelism)
                layoutChanged = cluster.NowSeconds;
            cluster.Change(wanted);
        }

        return new RunResult(policy.Name, outcomes.Finish(), windows, settings, trace.DurationSeconds, cluster.Switches, cluster.TotalJoules / Math.Max(1, cluster.TotalOutputTokens));
    }
}
