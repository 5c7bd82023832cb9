using Tuner.Cli.Reporting;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary>Runs a policy and its rivals over the same arrivals.</summary>
internal static class Comparison
{
    /// <summary>How far beyond the default's sustained load traces are judged when no rate is given.</summary>
    private const double BeyondDefault = 1.25;

    /// <summary>The rate at which the default setting misses its promises on a trace.</summary>
    public static double AutomaticScale(EngineCostCache costs, TrafficTrace trace, ulong seed, CancellationToken cancellation)
        => BeyondDefault * Math.Max(0.02, SustainedLoad.Find(costs, trace, () => new FixedPolicy("default", costs.Scenario.DefaultSettings), seed, cancellation: cancellation));

    public static List<EvaluationRow> Run(EngineCostCache costs, TrafficTrace trace, double scale, IReadOnlyList<TrafficTrace> training, Func<ITuningPolicy> tuner, KnobSettings tunerStart, IReadOnlyList<string> against, bool sustained, ulong seed, CancellationToken cancellation)
    {
        Scenario scenario = costs.Scenario;
        TrafficTrace scaled = trace.Scaled(scale, seed);
        TrafficTrace[] scaledTraining = [.. training.Select(each => each.Scaled(TrainingScale(each, trace, scale), seed + 1))];
        List<Func<ITuningPolicy>> policies = Rivals.Make(costs, against, scaledTraining, scaled, cancellation);
        policies.Add(tuner);
        var rows = new EvaluationRow[policies.Count];
        Parallel.For(0, rows.Length, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            RunResult run = PolicyRunner.Run(costs, scaled, policies[i](), i == rows.Length - 1 ? tunerStart : scenario.DefaultSettings, cancellation: cancellation);
            double? load = sustained ? SustainedLoad.Find(costs, trace, policies[i], seed, i == rows.Length - 1 ? tunerStart : null, cancellation: cancellation) : null;
            rows[i] = EvaluationRow.Of(run, trace.Name, seed, load);
        });
        return [.. rows];
    }

    /// <summary>Brings training traffic to the token rate judged, so that what is tuned on it is tuned for that load.</summary>
    private static double TrainingScale(TrafficTrace training, TrafficTrace test, double scale)
        => scale * TokenRate(test) / TokenRate(training);

    private static double TokenRate(TrafficTrace trace)
    {
        double tokens = 0;
        for (int i = 0; i < trace.Count; i++)
            tokens += trace.PromptTokens[i] + trace.OutputTokens[i];
        return tokens / Math.Max(trace.DurationSeconds, 1e-9);
    }
}
