using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
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
    private const int MostSettings = 5;
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

    /// <summary>The lossy upgrades of a portfolio's settings that do most where the settings themselves fall short.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="contexts">What they are for.</param>
    /// <param name="portfolio">The portfolio.</param>
    /// <param name="qualityPrice">Promises a point of quality must buy.</param>
    /// <param name="most">Most upgrades to choose.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static IReadOnlyList<KnobSettings> Upgrades(EngineCostCache costs, IReadOnlyList<TrafficContext> contexts, Portfolio portfolio, double qualityPrice, int most, CancellationToken cancellation = default)
    {
        KnobSettings[] lossy = [.. portfolio.Settings.SelectMany(settings => KnobGrid.Lossier(costs.Scenario, settings)).Distinct()];
        KnobSettings[] all = [.. portfolio.Settings, .. lossy];
        double[][] values = [.. Score(costs, contexts, all, null, cancellation).Select(row => Values(row, qualityPrice))];
        double[] covered = [.. values.Select(row => row.Take(portfolio.Settings.Count).Max())];
        var chosen = new List<KnobSettings>();
        while (chosen.Count < most)
        {
            (int best, double gain) = Enumerable.Range(portfolio.Settings.Count, lossy.Length)
                .Select(i => (i, values.Zip(covered, (row, so) => Math.Max(0, row[i] - so)).Sum()))
                .DefaultIfEmpty((-1, 0)).MaxBy(each => each.Item2);
            if (gain <= 0)
                break;
            chosen.Add(all[best]);
            for (int context = 0; context < covered.Length; context++)
                covered[context] = Math.Max(covered[context], values[context][best]);
        }

        return chosen;
    }

    private static double[] Values(ContextScore[] row, double price)
    {
        double quickest = row.Min(score => score.MeanLatencySeconds);
        return [.. row.Select(score => score.Value(price, quickest))];
    }

    private static ContextScore[][] Score(EngineCostCache costs, IReadOnlyList<TrafficContext> contexts, IReadOnlyList<KnobSettings> candidates, IProgress<double>? progress, CancellationToken cancellation)
    {
        ContextScore[][] scores = [.. contexts.Select(_ => new ContextScore[candidates.Count])];
        int done = 0;
        Parallel.For(0, contexts.Count * candidates.Count, Cores.Each(cancellation), i =>
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
