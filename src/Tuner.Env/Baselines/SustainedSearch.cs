using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>Finds the fixed setting that carries the largest load, among all that fit.</summary>
/// <remarks>
/// Whoever is tried must carry a little more than the best so far; a run that cannot is broken off once too many promises are broken. That
/// costs a fraction of a run for most settings and a bisection for the few that become the best.
/// </remarks>
public static class SustainedSearch
{
    /// <summary>Settings tried at once: a constant, so that the number of threads changes nothing.</summary>
    private const int Block = 16;

    private const double LeastGain = 1.01;

    /// <summary>Searches.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The arrivals at multiple 1.</param>
    /// <param name="candidates">Settings to try; at least one.</param>
    /// <param name="seed">Seed of the rate scaling.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <returns>Those that were the best at their time, the best of all first.</returns>
    public static IReadOnlyList<LoadedSettings> Run(EngineCostCache costs, TrafficTrace trace, IReadOnlyList<KnobSettings> candidates, ulong seed, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var found = new List<LoadedSettings> { new(candidates[0], Load(candidates[0], 1)) };
        for (int at = 1; at < candidates.Count; at += Block)
        {
            KnobSettings[] block = [.. candidates.Skip(at).Take(Block)];
            bool[] carries = new bool[block.Length];
            double bar = Math.Max(found[^1].Load, 0.01) * LeastGain;
            TrafficTrace loaded = trace.Scaled(bar, seed);
            Parallel.For(0, block.Length, Cores.Each(cancellation), i
                => carries[i] = LoadCheck.Carries(costs, loaded, new FixedPolicy("candidate", block[i]), block[i], cancellation));
            for (int i = 0; i < block.Length; i++)
            {
                if (!carries[i])
                    continue;
                double load = Load(block[i], found[^1].Load * LeastGain);
                if (load > found[^1].Load)
                    found.Add(new LoadedSettings(block[i], load));
            }

            progress?.Report(Math.Min(1, (at + Block) / (double)candidates.Count));
        }

        found.Reverse();
        return found;

        double Load(KnobSettings settings, double guess)
            => SustainedLoad.Find(costs, trace, () => new FixedPolicy("candidate", settings), seed, settings, guess, cancellation: cancellation);
    }

    /// <summary>Every setting a cluster may keep all day within its quality budget, the default first.</summary>
    public static IReadOnlyList<KnobSettings> WithinBudget(Scenario scenario)
        => [scenario.DefaultSettings, .. KnobGrid.Of(scenario).Where(settings => settings != scenario.DefaultSettings && scenario.QualityLoss(settings) <= scenario.Quality.Budget)];
}
