using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation;

/// <summary>Runs a trace under settings that change at stated times, at the very second and not at a window's end, and until what arrived has left.</summary>
/// <remarks>Nothing is masked: a schedule may overdraw the quality budget.</remarks>
public static class ScheduledRun
{
    /// <summary>Runs a schedule.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The arrivals.</param>
    /// <param name="schedule">The settings.</param>
    /// <param name="observer">Is told what happens; may be null.</param>
    /// <param name="progress">Is told the share of the trace that is done, 0 to 1, once a window.</param>
    /// <param name="windowSeconds">Length of a window.</param>
    /// <param name="cancellation">Stops between windows.</param>
    public static RunResult Run(EngineCostCache costs, TrafficTrace trace, KnobSchedule schedule, IClusterObserver? observer = null, IProgress<double>? progress = null, double windowSeconds = 10, CancellationToken cancellation = default)
    {
        var outcomes = new OutcomeTable(trace);
        var cluster = new ServingCluster(costs.Scenario, costs, trace, schedule.Start) { Sink = outcomes, Observer = observer };
        var windows = new List<WindowMetrics>();
        var settings = new List<KnobSettings>();
        double end = trace.DurationSeconds + PolicyRunner.DrainSeconds;
        int next = 0;
        while (cluster.NowSeconds < end && (!cluster.ArrivalsDone || cluster.InFlight > 0))
        {
            cancellation.ThrowIfCancellationRequested();
            double windowEnd = cluster.NowSeconds + windowSeconds;
            for (; next < schedule.Changes.Count && schedule.Changes[next].Seconds < windowEnd; next++)
            {
                cluster.Advance(schedule.Changes[next].Seconds);
                cluster.Change(schedule.Changes[next].Settings);
            }

            cluster.Advance(windowEnd);
            windows.Add(cluster.TakeWindow());
            settings.Add(cluster.Settings);
            progress?.Report(Math.Min(1, windowEnd / Math.Max(1e-9, trace.DurationSeconds)));
        }

        return new RunResult(schedule.Changes.Count == 0 ? "fixed" : "schedule", outcomes.Finish(), windows, settings, trace.DurationSeconds, cluster.Switches, cluster.TotalJoules / Math.Max(1, cluster.TotalOutputTokens))
        {
            EngineSteps = cluster.EngineSteps,
        };
    }
}
