using Tuner.Env.Cluster;
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

    /// <summary>Length of a window where nothing else is said, seconds.</summary>
    public const double WindowSeconds = 10;

    /// <summary>Runs one policy.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The arrivals.</param>
    /// <param name="policy">The policy; it is reset first.</param>
    /// <param name="start">Settings at the start; a <see cref="FixedPolicy"/> starts with its own.</param>
    /// <param name="windowSeconds">Length of a window.</param>
    /// <param name="cancellation">Stops between windows.</param>
    public static RunResult Run(EngineCostCache costs, TrafficTrace trace, ITuningPolicy policy, KnobSettings start, double windowSeconds = WindowSeconds, CancellationToken cancellation = default)
    {
        var outcomes = new OutcomeTable(trace);
        var loop = new PolicyLoop(costs, trace, policy, start, outcomes, windowSeconds);
        var windows = new List<WindowMetrics>();
        var settings = new List<KnobSettings>();
        while (loop.Next())
        {
            cancellation.ThrowIfCancellationRequested();
            windows.Add(loop.Window);
            settings.Add(loop.Settings);
        }

        ServingCluster cluster = loop.Cluster;
        return new RunResult(policy.Name, outcomes.Finish(), windows, settings, trace.DurationSeconds, cluster.Switches, cluster.TotalJoules / Math.Max(1, cluster.TotalOutputTokens));
    }
}
