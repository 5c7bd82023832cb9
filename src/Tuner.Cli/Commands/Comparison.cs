using Tuner.Cli.Reporting;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Simulation;
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
        TrafficTrace scaled = trace.Scaled(scale, seed);
        List<Rival> policies = Rivals.Make(costs, against, training, trace, seed, cancellation);
        policies.Add(new Rival(costs, tuner, tunerStart));
        var rows = new EvaluationRow[policies.Count];
        LiveProgress.Run($"comparing on {trace.Name}", report =>
        {
            int done = 0;
            Parallel.For(0, rows.Length, Cores.Each(cancellation), i =>
            {
                Rival rival = policies[i];
                RunResult run = PolicyRunner.Run(rival.Costs, scaled, rival.Make(), rival.Start, cancellation: cancellation);
                double? load = sustained ? SustainedLoad.Find(rival.Costs, trace, rival.Make, seed, rival.Start, scale, cancellation: cancellation) : null;
                rows[i] = EvaluationRow.Of(run, trace.Name, seed, load);
                report.Report(Interlocked.Increment(ref done) / (double)rows.Length);
            });
            return rows;
        });
        return [.. rows];
    }
}
