using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>Finds a small portfolio of fixed settings and which of them suits which context.</summary>
/// <remarks>
/// Every setting of a coarse grid runs in every context. The quality price is the smallest at which choosing freely keeps the
/// mean loss within the budget (the multiplier of the budget's constraint). Settings are then added one by one, each the one
/// that adds most to the sum over contexts of the best in the portfolio, until that adds little: greedy choice, within
/// 1 − 1/e of the best portfolio of its size (Nemhauser, Wolsey and Fisher 1978). Few, clearly different settings make labels
/// that a network can learn; the best of hundreds in each context would mostly be luck.
/// </remarks>
public static class PortfolioSearch
{
    private const int MostSettings = 8;
    private const double LeastGain = 0.002;
    private const double LeastQualityPrice = 0.02;
    private const double MostQualityPrice = 4;

    /// <summary>Searches.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="contexts">What the portfolio is for; at least one.</param>
    /// <param name="also">Settings to try beside the grid's.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static Portfolio Run(EngineCostCache costs, IReadOnlyList<TrafficContext> contexts, IEnumerable<KnobSettings> also, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        Scenario scenario = costs.Scenario;
        KnobSettings[] candidates = [.. Grid(scenario).Concat(also).Append(scenario.DefaultSettings).Distinct()];
        ContextScore[][] scores = Score(costs, contexts, candidates, progress, cancellation);
        double price = Price(scores, scenario.Quality.Budget);
        double[][] values = [.. scores.Select(row => Values(row, price))];
        var chosen = new List<int>();
        double[] covered = new double[contexts.Count];
        Array.Fill(covered, double.NegativeInfinity);
        while (chosen.Count < MostSettings)
        {
            int best = -1;
            double most = double.NegativeInfinity;
            for (int candidate = 0; candidate < candidates.Length; candidate++)
            {
                // The first has to carry all contexts alone, and alone it may not spend what the budget grants only at times.
                if (chosen.Count == 0 && scenario.QualityLoss(candidates[candidate]) > scenario.Quality.Budget)
                    continue;
                double sum = 0;
                for (int context = 0; context < covered.Length; context++)
                    sum += Math.Max(covered[context], values[context][candidate]);
                if (sum > most)
                    (best, most) = (candidate, sum);
            }

            if (chosen.Count > 0 && most - covered.Sum() < LeastGain * contexts.Count)
                break;
            chosen.Add(best);
            for (int context = 0; context < covered.Length; context++)
                covered[context] = Math.Max(covered[context], values[context][best]);
        }

        return new Portfolio([.. chosen.Select(index => candidates[index])], price);
    }

    /// <summary>The portfolio's best setting in each context; of near equals the earlier.</summary>
    public static KnobSettings[] Choose(EngineCostCache costs, IReadOnlyList<TrafficContext> contexts, Portfolio portfolio, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        const double Near = 0.002;
        ContextScore[][] scores = Score(costs, contexts, portfolio.Settings, progress, cancellation);
        return [.. scores.Select(row =>
        {
            double[] values = Values(row, portfolio.QualityPrice);
            double best = values.Max();
            return portfolio.Settings[Array.FindIndex(values, value => value >= best - Near)];
        })];
    }

    private static double[] Values(ContextScore[] row, double price)
    {
        double quickest = row.Min(score => score.MeanLatencySeconds);
        return [.. row.Select(score => score.Value(price, quickest))];
    }

    private static double Price(ContextScore[][] scores, double budget)
    {
        double low = LeastQualityPrice;
        double high = MostQualityPrice;
        if (Spent(low) <= budget)
            return low;
        for (int i = 0; i < 30; i++)
        {
            double middle = Math.Sqrt(low * high);
            if (Spent(middle) <= budget)
                high = middle;
            else
                low = middle;
        }

        return high;

        double Spent(double price)
        {
            double loss = 0;
            double requests = 0;
            foreach (ContextScore[] row in scores)
            {
                double[] values = Values(row, price);
                ContextScore best = row[Array.IndexOf(values, values.Max())];
                loss += best.QualityLoss * best.Requests;
                requests += best.Requests;
            }

            return loss / Math.Max(1, requests);
        }
    }

    private static ContextScore[][] Score(EngineCostCache costs, IReadOnlyList<TrafficContext> contexts, IReadOnlyList<KnobSettings> candidates, IProgress<double>? progress, CancellationToken cancellation)
    {
        ContextScore[][] scores = [.. contexts.Select(_ => new ContextScore[candidates.Count])];
        int done = 0;
        Parallel.For(0, contexts.Count * candidates.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            TrafficTrace trace = contexts[i / candidates.Count].Trace;
            KnobSettings settings = candidates[i % candidates.Count];
            RunResult run = PolicyRunner.Run(costs, trace, new FixedPolicy("candidate", settings), settings);
            scores[i / candidates.Count][i % candidates.Count] = new ContextScore(run.Attainment, run.QualityLoss, run.MeanLatencySeconds, trace.Count);
            progress?.Report(Interlocked.Increment(ref done) / ((double)contexts.Count * candidates.Count));
        });
        return scores;
    }

    /// <summary>Every layout, precision, KV format and draft with every other rung of the batch ladder.</summary>
    private static IEnumerable<KnobSettings> Grid(Scenario scenario)
    {
        int top = scenario.Knobs.BatchLadder.Count - 1;
        foreach (ParallelismMode mode in Enum.GetValues<ParallelismMode>())
        foreach (PrecisionMode precision in Enum.GetValues<PrecisionMode>())
        for (int batch = top; batch >= 0; batch -= 2)
        foreach (bool compressed in new[] { false, true })
        for (int draft = -1; draft < scenario.Drafts.Count; draft++)
        {
            var settings = new KnobSettings(mode, precision, batch == 1 ? 0 : batch, 0, compressed, draft >= 0, Math.Max(0, draft), false);
            if (scenario.Fits(settings))
                yield return settings;
        }
    }
}
