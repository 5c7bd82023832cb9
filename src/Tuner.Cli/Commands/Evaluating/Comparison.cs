using Tuner.Cli.Reporting;
using Tuner.Env.Baselines.Foresight;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Evaluating;

/// <summary>Runs a policy and its rivals over the same arrivals.</summary>
/// <param name="costs">The scenario and its prepared engines.</param>
/// <param name="seed">Seed of rate scaling and resampling.</param>
/// <param name="cancellation">Stops between windows.</param>
internal sealed class Comparison(EngineCostCache costs, ulong seed, CancellationToken cancellation)
{
    /// <summary>How far beyond the default's sustained load traces are judged when no rate is given.</summary>
    private const double BeyondDefault = 1.25;

    /// <summary>A setting a contender used for a smaller share of its windows was only passed through.</summary>
    private const double Used = 0.02;

    private const int OracleChoices = 7;
    private const double OracleResolution = 0.02;

    /// <summary>The rate at which the default setting misses its promises on a trace.</summary>
    public double AutomaticScale(TrafficTrace trace)
        => BeyondDefault * Math.Max(0.02, SustainedLoad.Find(costs, trace, () => new FixedPolicy("default", costs.Scenario.DefaultSettings), seed, cancellation: cancellation));

    /// <summary>Compares on one trace.</summary>
    /// <param name="trace">The arrivals at multiple 1.</param>
    /// <param name="scale">Multiple to compare at.</param>
    /// <param name="contenders">Who is compared.</param>
    /// <param name="sustained">Whether to find the load each carries as well.</param>
    public List<EvaluationRow> Run(TrafficTrace trace, double scale, IReadOnlyList<PolicyContender> contenders, bool sustained)
    {
        TrafficTrace scaled = trace.Scaled(scale, seed);
        var rows = new EvaluationRow[contenders.Count];
        LiveProgress.Run($"comparing on {trace.Name}", report =>
        {
            int done = 0;
            Parallel.For(0, rows.Length, Cores.Each(cancellation), i =>
            {
                RunResult run = contenders[i].Run(scaled, cancellation);
                double? load = sustained ? SustainedLoad.Find(contenders[i], trace, seed, scale, cancellation: cancellation) : null;
                rows[i] = EvaluationRow.Of(run, trace.Name, seed, load);
                report.Report(Interlocked.Increment(ref done) / (double)rows.Length);
            });
            return rows;
        });
        return [.. rows];
    }

    /// <summary>The loads further contenders carry.</summary>
    /// <param name="trace">The arrivals at multiple 1.</param>
    /// <param name="contenders">Who.</param>
    /// <param name="guess">Where to look first.</param>
    public double[] Loads(TrafficTrace trace, IReadOnlyList<PolicyContender> contenders, double guess)
    {
        double[] loads = new double[contenders.Count];
        Parallel.For(0, loads.Length, Cores.Each(cancellation), i => loads[i] = SustainedLoad.Find(contenders[i], trace, seed, Math.Max(0.01, guess), cancellation: cancellation));
        return loads;
    }

    /// <summary>What could be done by who knows the day to come and every setting that the others chose; never less than the best of them.</summary>
    /// <param name="trace">The arrivals at multiple 1.</param>
    /// <param name="scale">Multiple to compare at.</param>
    /// <param name="choices">Settings it may choose, the first within the quality budget.</param>
    /// <param name="others">What the others did on this trace.</param>
    /// <param name="sustained">Whether to find the load it carries as well.</param>
    public EvaluationRow RunOracle(TrafficTrace trace, double scale, IReadOnlyList<KnobSettings> choices, IReadOnlyList<EvaluationRow> others, bool sustained)
    {
        KnobSettings[] all = [.. choices.Concat(others.SelectMany(Lived)).Distinct()];
        double most = others.Max(row => row.SustainedLoad) ?? 0;
        TrafficTrace hard = trace.Scaled(Math.Max(scale, most), seed);
        return LiveProgress.Run($"planning {trace.Name} in hindsight", _ =>
        {
            var options = new OracleOptions { Candidates = all };
            IReadOnlyList<KnobSettings> few = new Oracle(costs, options).Screen(hard, OracleChoices, cancellation);
            var oracle = new Oracle(costs, options with { Candidates = few });
            RunResult run = oracle.Run(trace.Scaled(scale, seed), cancellation);
            if (others.Where(WithinBudget).MaxBy(row => row.SloAttainment) is { } best && best.SloAttainment > run.Attainment)
                run = best.Run with { Policy = oracle.Name };
            double? load = sustained ? Math.Max(most, SustainedLoad.Find(oracle, trace, seed, Math.Max(most, 0.01), OracleResolution, cancellation)) : null;
            return EvaluationRow.Of(run, trace.Name, seed, load);
        });
    }

    private bool WithinBudget(EvaluationRow row) => row.QualityLoss <= costs.Scenario.Quality.Budget + 1e-9;

    private static IEnumerable<KnobSettings> Lived(EvaluationRow row)
        => row.Run.Settings.GroupBy(settings => settings).Where(group => group.Count() >= Used * row.Run.Settings.Count).Select(group => group.Key);
}
