using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines;

/// <summary>Finds the two-mode rule that carries the largest load: which settings, and where the threshold lies.</summary>
public static class ReactiveSearch
{
    private const int CalmSettings = 2;
    private const double LeastGain = 1.01;

    /// <summary>Rules tried at once: a constant, so that the number of threads changes nothing.</summary>
    private const int Block = 8;

    private static readonly double[] Quantiles = [0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

    /// <summary>Searches.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The training traffic at multiple 1.</param>
    /// <param name="found">What <see cref="SustainedSearch"/> found on it, the best first.</param>
    /// <param name="seed">Seed of the rate scaling.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <returns>The rule, and the load it carries.</returns>
    public static (ReactivePolicy Rule, double Load) Run(EngineCostCache costs, TrafficTrace trace, IReadOnlyList<LoadedSettings> found, ulong seed, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        (KnobSettings best, double load) = (found[0].Settings, found[0].Load);
        var seen = new SampleSet();
        foreach (WindowMetrics window in PolicyRunner.Run(costs, trace.Scaled(load, seed), new FixedPolicy("reference", best), best, cancellation: cancellation).Windows)
            seen.Add(ReactivePolicy.LoadOf(window));
        ReactivePolicy[] rules =
        [
            .. from calm in found.Take(CalmSettings)
               from busy in KnobGrid.ForThePeak(costs.Scenario, calm.Settings).Concat(found.Take(CalmSettings).Select(other => other.Settings)).Distinct()
               where busy != calm.Settings
               from quantile in Quantiles
               select new ReactivePolicy(calm.Settings, busy, seen.Percentile(quantile)),
        ];
        var winner = new ReactivePolicy(best, best, double.MaxValue);
        for (int at = 0; at < rules.Length; at += Block)
        {
            ReactivePolicy[] block = [.. rules.Skip(at).Take(Block)];
            bool[] carries = new bool[block.Length];
            TrafficTrace loaded = trace.Scaled(load * LeastGain, seed);
            Parallel.For(0, block.Length, Cores.Each(cancellation), i => carries[i] = LoadCheck.Carries(costs, loaded, block[i], block[i].Calm, cancellation));
            foreach (ReactivePolicy rule in block.Where((_, i) => carries[i]))
            {
                double carried = SustainedLoad.Find(costs, trace, () => rule, seed, rule.Calm, load * LeastGain, cancellation: cancellation);
                if (carried > load)
                    (winner, load) = (rule, carried);
            }

            progress?.Report(Math.Min(1, (at + Block) / (double)rules.Length));
        }

        return (winner, load);
    }
}
