using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines;

/// <summary>Finds the best two-mode rule on the training traffic: which settings, and where the threshold lies.</summary>
public static class ReactiveSearch
{
    private static readonly double[] Quantiles = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9];

    /// <summary>Searches pairs of well-ranked settings and thresholds at quantiles of the load.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="traces">The training traffic.</param>
    /// <param name="ranked">What <see cref="GridSearch"/> found on it.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static ReactivePolicy Run(EngineCostCache costs, IReadOnlyList<TrafficTrace> traces, IReadOnlyList<RankedSettings> ranked, CancellationToken cancellation = default)
    {
        Scenario scenario = costs.Scenario;
        RankedSettings[] calm = [.. ranked.Where(result => result.WithinBudget).Take(2)];
        RankedSettings[] busy = [.. ranked.Where(result => !result.WithinBudget).Take(2), .. ranked.Where(result => result.WithinBudget).Skip(1).Take(1)];
        var loads = new SampleSet();
        RunResult reference = PolicyRunner.Run(costs, traces[0], new Tuner.Policy.FixedPolicy("reference", calm[0].Settings), calm[0].Settings, cancellation: cancellation);
        foreach (WindowMetrics window in reference.Windows)
            loads.Add(ReactivePolicy.LoadOf(window));
        ReactivePolicy[] candidates = [.. from low in calm from high in busy from quantile in Quantiles
            where low.Settings != high.Settings
            select new ReactivePolicy(low.Settings, high.Settings, loads.Percentile(quantile))];
        if (candidates.Length == 0)
            return new ReactivePolicy(calm[0].Settings, calm[0].Settings, double.MaxValue);
        double[] scores = new double[candidates.Length];
        Parallel.For(0, candidates.Length, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            ReactivePolicy policy = candidates[i];
            foreach (TrafficTrace trace in traces)
            {
                RunResult run = PolicyRunner.Run(costs, trace, policy, policy.Calm, cancellation: cancellation);
                double over = Math.Max(0, run.QualityLoss - scenario.Quality.Budget);
                scores[i] += run.Attainment - (1e-3 * run.MeanLatencySeconds) - over;
            }
        });
        return candidates[Array.IndexOf(scores, scores.Max())];
    }
}
