using Tuner.Env.Cluster;
using Tuner.Env.Traffic;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.WhatIf.Tests;

/// <summary>Serves real preset traffic, asks for a prediction in the middle, and lives both futures four times as long as it looks.</summary>
internal static class Truth
{
    private const double DecisionSeconds = 600;
    private const double FutureSeconds = 240;
    private const double DrainSeconds = 60;

    /// <summary>The last minute's windows of a cluster that has served a preset for ten.</summary>
    public static (ServingCluster Cluster, TrafficTrace Trace, List<WindowMetrics> Windows) Serve(EngineCostCache costs, string preset, double rate, KnobSettings current, ulong seed)
    {
        TrafficTrace trace = TrafficTrace.Load(TrafficPresets.Open(preset, seed, DecisionSeconds + FutureSeconds + DrainSeconds, rate));
        var cluster = new ServingCluster(costs.Scenario, costs, trace, current, 0, seed);
        var windows = new List<WindowMetrics>();
        for (double at = 10; at <= DecisionSeconds; at += 10)
        {
            cluster.Advance(at);
            windows.Add(cluster.TakeWindow());
        }

        return (cluster, trace, windows[^WhatIfQuestion.MostWindows..]);
    }

    public static async Task<List<TruthCase>> CompareAsync(EngineCostCache costs, SimulatorWhatIf whatIf, string preset, double rate, KnobSettings current, IEnumerable<(string Name, KnobSettings Settings)> proposals)
    {
        (ServingCluster cluster, TrafficTrace trace, List<WindowMetrics> windows) = Serve(costs, preset, rate, current, seed: 7);
        StretchResult held = Live(costs, cluster, trace, current, current);
        var cases = new List<TruthCase>();
        foreach ((string name, KnobSettings settings) in proposals)
        {
            PredictedEffect? predicted = await whatIf.PredictAsync(new WhatIfQuestion(windows, current, settings, costs.Scenario.Contract), CancellationToken.None);
            cases.Add(new TruthCase($"{costs.Scenario.Name} {preset} {rate}/s {name}", predicted!, held, Live(costs, cluster, trace, current, settings)));
        }

        return cases;
    }

    private static StretchResult Live(EngineCostCache costs, ServingCluster from, TrafficTrace trace, KnobSettings current, KnobSettings settings)
    {
        var cluster = new ServingCluster(costs.Scenario, costs, trace, current, 0, 7);
        cluster.CopyFrom(from);
        var log = new StretchLog(trace, trace.FirstAtOrAfter(DecisionSeconds), trace.FirstAtOrAfter(DecisionSeconds + FutureSeconds));
        (cluster.Sink, cluster.Observer) = (log, log);
        cluster.Change(settings);
        double end = DecisionSeconds + FutureSeconds + DrainSeconds;
        cluster.Advance(end);
        WindowMetrics window = cluster.TakeWindow();
        return new StretchResult(log.Attainment, log.TtftP90(end), log.TpotP90, window.PowerWatts / window.OutputTokensPerSecond, log.QualityLoss);
    }
}
