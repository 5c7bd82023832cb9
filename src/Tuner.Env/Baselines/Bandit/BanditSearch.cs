using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Rewards;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.Bandit;

/// <summary>Teaches a bandit on training traffic, at loads below and beyond what a fixed setting carries, and finds how curious it should stay.</summary>
public static class BanditSearch
{
    private const double Eager = 1;
    private const int Passes = 2;

    private static readonly double[] Loads = [0.7, 1, 1.2, 1.4];
    private static readonly double[] Curiosities = [0, 0.05, 0.2];

    /// <summary>Searches.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The training traffic at multiple 1.</param>
    /// <param name="candidates">What it may choose from, the best fixed setting first.</param>
    /// <param name="load">The load that setting carries.</param>
    /// <param name="rewards">What a window pays.</param>
    /// <param name="seed">Seed of the rate scaling.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <returns>Makes the bandit that carries most of those tried, and its start.</returns>
    public static Func<BanditPolicy> Run(EngineCostCache costs, TrafficTrace trace, IReadOnlyList<KnobSettings> candidates, double load, RewardOptions rewards, ulong seed, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var arms = new BanditArms(costs.Scenario, candidates, rewards);
        int runs = (Passes * Loads.Length) + Curiosities.Length;
        int done = 0;
        for (int pass = 0; pass < Passes; pass++)
        {
            foreach (double multiple in Loads)
            {
                var learner = new BanditPolicy(arms, Eager);
                PolicyRunner.Run(costs, trace.Scaled(multiple * load, seed), learner, candidates[0], cancellation: cancellation);
                arms = learner.Learned;
                progress?.Report(++done / (double)runs);
            }
        }

        double[] carried = new double[Curiosities.Length];
        for (int i = 0; i < Curiosities.Length; i++)
        {
            carried[i] = SustainedLoad.Find(costs, trace, () => new BanditPolicy(arms, Curiosities[i]), seed, candidates[0], load, 0.02, cancellation);
            progress?.Report(++done / (double)runs);
        }

        double curiosity = Curiosities[Array.IndexOf(carried, carried.Max())];
        return () => new BanditPolicy(arms, curiosity);
    }
}
