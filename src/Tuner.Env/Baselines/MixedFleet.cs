using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>Some replicas lossy all day, the others never: what spends a quality budget without adapting.</summary>
public static class MixedFleet
{
    /// <summary>Finds how many replicas of a pool should run four-bit weights.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="trace">The training traffic at multiple 1.</param>
    /// <param name="best">The best fixed setting, and the load it carries.</param>
    /// <param name="seed">Seed of the rate scaling.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <returns>The scenario with the fleet that carries most, and that load; the scenario itself where no mixture carries more.</returns>
    public static (Scenario Fleet, double Load) Find(Scenario scenario, TrafficTrace trace, LoadedSettings best, ulong seed, CancellationToken cancellation = default)
    {
        (Scenario winner, double load) = (scenario, best.Load);
        KnobSettings settings = best.Settings;
        LayoutSpec layout = scenario.LayoutOf(settings.Parallelism);
        if (!scenario.Fits(settings with { Precision = PrecisionMode.Fp8Fp4 }))
            return (winner, load);
        for (int pool = 0; pool < layout.Pools.Count; pool++)
        {
            for (int lossy = 1; lossy < layout.Pools[pool].Replicas; lossy++)
            {
                Scenario fleet = With(scenario, settings.Parallelism, Split(layout, pool, lossy));
                double carried = SustainedLoad.Find(new EngineCostCache(fleet), trace, () => new FixedPolicy("mixed-fleet", settings), seed, settings, load, cancellation: cancellation);
                if (carried > load)
                    (winner, load) = (fleet, carried);
            }
        }

        return (winner, load);
    }

    private static LayoutSpec Split(LayoutSpec layout, int pool, int lossy)
    {
        PoolSpec[] pools = [.. layout.Pools];
        PoolSpec whole = pools[pool];
        pools[pool] = whole with { Replicas = whole.Replicas - lossy };
        return new LayoutSpec([.. pools, whole with { Replicas = lossy, Precision = PrecisionMode.Fp8Fp4 }]);
    }

    private static Scenario With(Scenario scenario, ParallelismMode mode, LayoutSpec layout)
    {
        LayoutSpec?[] layouts = [.. scenario.Layouts];
        layouts[(int)mode] = layout;
        return scenario with { Layouts = layouts };
    }
}
