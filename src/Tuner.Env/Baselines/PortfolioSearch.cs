using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>Finds a small portfolio of fixed settings and which of them suits which context.</summary>
/// <remarks>
/// Every setting that the quality budget allows all day runs in every context. Settings are then added one by one, each the one
/// that adds most to the sum over contexts of the best in the portfolio (the first by the contexts' weights, the others with all
/// contexts equal, so that rare kinds get a setting of their own), until that adds little: greedy choice, within
/// 1 − 1/e of the best portfolio of its size (Nemhauser, Wolsey and Fisher 1978). Few, clearly different settings make labels
/// that a network can learn; the best of a hundred in each context would mostly be luck. Lossy formats come after, as an
/// upgrade of the setting that suits the context: spending then turns one or two knobs and never moves the layout.
/// </remarks>
public static class PortfolioSearch
{
    private const int MostSettings = 8;
    private const double LeastGain = 0.001;

    /// <summary>Searches.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="contexts">What the portfolio is for; at least one.</param>
    /// <param name="also">Settings to try beside the grid's.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static Portfolio Run(EngineCostCache costs, IReadOnlyList<TrafficContext> contexts, IEnumerable<KnobSettings> also, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        Scenario scenario = costs.Scenario;
        KnobSettings[] candidates = [.. KnobGrid.Of(scenario).Concat(also).Append(scenario.DefaultSettings).Where(settings => scenario.QualityLoss(settings) <= scenario.Quality.Budget).Distinct()];
        ContextScore[][] scores = Score(costs, contexts, candidates, progress, cancellation);
        double[][] values = [.. scores.Select(row => Values(row, 0))];
        var chosen = new List<int>();
        double[] covered = new double[values.Length];
        Array.Fill(covered, double.NegativeInfinity);
        while (chosen.Count < MostSettings)
        {
            int best = -1;
            double most = double.NegativeInfinity;
            for (int candidate = 0; candidate < candidates.Length; candidate++)
            {
                double sum = 0;
                for (int context = 0; context < covered.Length; context++)
                    sum += chosen.Count == 0 ? contexts[context].Weight * values[context][candidate] : Math.Max(covered[context], values[context][candidate]);
                if (sum > most)
                    (best, most) = (candidate, sum);
            }

            if (chosen.Count > 0 && most - covered.Sum() < LeastGain * values.Length)
                break;
            chosen.Add(best);
            for (int context = 0; context < covered.Length; context++)
                covered[context] = Math.Max(covered[context], values[context][best]);
        }

        return new Portfolio([.. chosen.Select(index => candidates[index])]);
    }

    /// <summary>What each layout of the portfolio can do in each context.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="contexts">The contexts.</param>
    /// <param name="portfolio">The portfolio.</param>
    /// <param name="qualityPrice">Promises a point of quality must buy while plenty is saved.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static ContextTeacher[] Teachers(EngineCostCache costs, IReadOnlyList<TrafficContext> contexts, Portfolio portfolio, double qualityPrice, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var teachers = new ContextTeacher[contexts.Count];
        int done = 0;
        Parallel.For(0, contexts.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            teachers[i] = Teacher(costs, contexts[i].Trace, portfolio, qualityPrice);
            progress?.Report(Interlocked.Increment(ref done) / (double)contexts.Count);
        });
        return teachers;
    }

    private static ContextTeacher Teacher(EngineCostCache costs, TrafficTrace trace, Portfolio portfolio, double qualityPrice)
    {
        // Of near equals the earlier: the portfolio's order is that of general usefulness.
        const double Near = 0.002;
        ContextScore[] scores = [.. portfolio.Settings.Select(settings => Score(costs, trace, settings))];
        double quickest = scores.Min(score => score.MeanLatencySeconds);
        double[] values = [.. scores.Select(score => score.Value(0, quickest))];
        var options = new List<ContextOption>();
        foreach (IGrouping<ParallelismMode, int> layout in Enumerable.Range(0, values.Length).GroupBy(i => portfolio.Settings[i].Parallelism))
        {
            double most = layout.Max(i => values[i]);
            int scarce = layout.First(i => values[i] >= most - Near);
            var option = new ContextOption(portfolio.Settings[scarce], values[scarce], portfolio.Settings[scarce], values[scarce]);
            foreach (KnobSettings lossy in Lossier(costs.Scenario, option.Scarce))
            {
                double value = Score(costs, trace, lossy).Value(qualityPrice, quickest);
                if (value > option.PlentyValue + Near)
                    option = option with { Plenty = lossy, PlentyValue = value };
            }

            options.Add(option);
        }

        return new ContextTeacher(options);
    }

    private static IEnumerable<KnobSettings> Lossier(Scenario scenario, KnobSettings settings)
        => new[]
        {
            settings with { Precision = PrecisionMode.Fp8Fp4 },
            settings with { KvCompression = true },
            settings with { Precision = PrecisionMode.Fp8Fp4, KvCompression = true },
        }.Where(lossy => lossy != settings && scenario.Fits(lossy));

    private static double[] Values(ContextScore[] row, double price)
    {
        double quickest = row.Min(score => score.MeanLatencySeconds);
        return [.. row.Select(score => score.Value(price, quickest))];
    }

    private static ContextScore[][] Score(EngineCostCache costs, IReadOnlyList<TrafficContext> contexts, IReadOnlyList<KnobSettings> candidates, IProgress<double>? progress, CancellationToken cancellation)
    {
        ContextScore[][] scores = [.. contexts.Select(_ => new ContextScore[candidates.Count])];
        int done = 0;
        Parallel.For(0, contexts.Count * candidates.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            scores[i / candidates.Count][i % candidates.Count] = Score(costs, contexts[i / candidates.Count].Trace, candidates[i % candidates.Count]);
            progress?.Report(Interlocked.Increment(ref done) / ((double)contexts.Count * candidates.Count));
        });
        return scores;
    }

    private static ContextScore Score(EngineCostCache costs, TrafficTrace trace, in KnobSettings settings)
    {
        RunResult run = PolicyRunner.Run(costs, trace, new FixedPolicy("candidate", settings), settings);
        return new ContextScore(run.Attainment, run.QualityLoss, run.MeanLatencySeconds);
    }
}
