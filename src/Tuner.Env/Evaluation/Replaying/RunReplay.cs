using Tuner.Env.Cluster;
using Tuner.Env.Measurement;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation.Replaying;

/// <summary>Replays the arrivals of a real run through the simulated cluster and compares what came of them.</summary>
/// <param name="Measured">The real run, in order of arrival.</param>
/// <param name="Simulated">The same requests, simulated.</param>
/// <param name="Queue">The simulated queue, once a second.</param>
/// <param name="Preemptions">Requests that lost their place in the simulation.</param>
public sealed record RunReplay(IReadOnlyList<ServedRequest> Measured, IReadOnlyList<RequestOutcome> Simulated, IReadOnlyList<QueueSample> Queue, int Preemptions)
{
    private static readonly (string Name, double Share)[] Ranks = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];

    /// <summary>Replays a run.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="run">The real run.</param>
    /// <param name="settings">The engine's settings.</param>
    /// <param name="cancellation">Stops between seconds.</param>
    public static RunReplay Of(EngineCostCache costs, EngineRunReader run, in KnobSettings settings, CancellationToken cancellation = default)
    {
        TrafficTrace trace = TrafficTrace.Load(run);
        var outcomes = new OutcomeTable(trace);
        var cluster = new ServingCluster(costs.Scenario, costs, trace, settings) { Sink = outcomes };
        var queue = new List<QueueSample>();
        int preemptions = 0;
        double end = run.Requests.Max(request => request.LastTokenSeconds) + PolicyRunner.DrainSeconds;
        while (cluster.NowSeconds < end && (!cluster.ArrivalsDone || cluster.InFlight > 0))
        {
            cancellation.ThrowIfCancellationRequested();
            cluster.Advance(cluster.NowSeconds + 1);
            WindowMetrics window = cluster.TakeWindow();
            queue.Add(new QueueSample(cluster.NowSeconds, window.Running, window.Waiting));
            preemptions += window.Preemptions;
        }

        return new RunReplay(run.Requests, outcomes.Finish(), queue, preemptions);
    }

    /// <summary>The measured queue, once a second. Requests that lost their place and waited again count as running: runs do not record that.</summary>
    public IReadOnlyList<QueueSample> MeasuredQueue()
        => [.. Queue.Select(sample => new QueueSample(
            sample.Seconds,
            Measured.Count(request => request.ScheduledSeconds <= sample.Seconds && sample.Seconds < request.LastTokenSeconds),
            Measured.Count(request => request.QueuedSeconds <= sample.Seconds && sample.Seconds < request.ScheduledSeconds)))];

    /// <summary>Means and percentiles of the three latencies, over the requests the simulation served.</summary>
    public IReadOnlyList<LatencyComparison> Latencies()
    {
        int[] served = [.. Enumerable.Range(0, Measured.Count).Where(i => Simulated[i].Completed)];
        int[] several = [.. served.Where(i => Measured[i].OutputTokens > 1)];
        return
        [
            .. Compare("TTFT", served.Select(i => Measured[i].TtftSeconds), served.Select(i => Simulated[i].TtftSeconds)),
            .. Compare("TPOT", several.Select(i => Measured[i].TpotSeconds), several.Select(i => Simulated[i].TpotSeconds)),
            .. Compare("latency", served.Select(i => Measured[i].LatencySeconds), served.Select(i => Simulated[i].LatencySeconds)),
        ];
    }

    private static IEnumerable<LatencyComparison> Compare(string latency, IEnumerable<double> measured, IEnumerable<double> simulated)
    {
        double[] one = [.. measured.Order().Select(seconds => 1000 * seconds)];
        double[] two = [.. simulated.Order().Select(seconds => 1000 * seconds)];
        if (one.Length == 0)
            yield break;
        yield return new LatencyComparison(latency, "mean", one.Average(), two.Average());
        foreach ((string name, double share) in Ranks)
            yield return new LatencyComparison(latency, name, At(one, share), At(two, share));
    }

    private static double At(double[] sorted, double share) => sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
