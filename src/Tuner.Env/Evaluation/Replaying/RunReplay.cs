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
/// <param name="MeasuredQueue">
/// The measured one at the same instants: from the engine's statistics, or from the requests' own times, which count requests that
/// lost their place and waited again as running.
/// </param>
/// <param name="Preemptions">Requests that lost their place in the simulation.</param>
public sealed record RunReplay(IReadOnlyList<ServedRequest> Measured, IReadOnlyList<RequestOutcome> Simulated, IReadOnlyList<QueueSample> Queue, IReadOnlyList<QueueSample> MeasuredQueue, int Preemptions)
{
    private static readonly (string Name, double Share)[] Ranks = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];

    /// <summary>Replays a run.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="run">The real run.</param>
    /// <param name="settings">The engine's settings.</param>
    /// <param name="series">What the engine's statistics said, on the requests' clock; null where there are none.</param>
    /// <param name="cancellation">Stops between seconds.</param>
    public static RunReplay Of(EngineCostCache costs, EngineRunReader run, in KnobSettings settings, EngineRunSeries? series = null, CancellationToken cancellation = default)
    {
        TrafficTrace trace = TrafficTrace.Load(run);
        var outcomes = new OutcomeTable(trace);
        var cluster = new ServingCluster(costs.Scenario, costs, trace, settings) { Sink = outcomes };
        var queue = new List<QueueSample>();
        var measured = new List<QueueSample>();
        IReadOnlyList<EngineRunTick> ticks = series?.Ticks ?? [];
        int preemptions = 0;
        double end = run.Requests.Max(request => request.LastTokenSeconds) + PolicyRunner.DrainSeconds;
        while (cluster.NowSeconds < end && (!cluster.ArrivalsDone || cluster.InFlight > 0 || queue.Count < ticks.Count))
        {
            cancellation.ThrowIfCancellationRequested();
            bool told = queue.Count < ticks.Count;
            cluster.Advance(told ? ticks[queue.Count].Seconds : cluster.NowSeconds + 1);
            WindowMetrics window = cluster.TakeWindow();
            measured.Add(told ? Told(ticks[queue.Count], series!.HasKvUse) : Implied(run.Requests, cluster.NowSeconds));
            queue.Add(new QueueSample(cluster.NowSeconds, window.Running, window.Waiting, window.KvUse));
            preemptions += window.Preemptions;
        }

        return new RunReplay(run.Requests, outcomes.Finish(), queue, measured, preemptions);
    }

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

    private static QueueSample Told(EngineRunTick tick, bool hasKvUse) => new(tick.Seconds, tick.Running, tick.Waiting, hasKvUse ? tick.KvUse : null);

    private static QueueSample Implied(IReadOnlyList<ServedRequest> requests, double seconds)
    {
        (int running, int waiting) = ServedRequest.InFlight(requests, seconds);
        return new QueueSample(seconds, running, waiting);
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
