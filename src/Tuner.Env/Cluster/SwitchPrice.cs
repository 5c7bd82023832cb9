using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>How long a replica stands still for a change within a layout.</summary>
public static class SwitchPrice
{
    /// <summary>The pause, seconds; parts that need the same link or the same stop add up.</summary>
    /// <param name="scenario">The scenario, whose switching section holds the prices.</param>
    /// <param name="pool">The pool the replica belongs to.</param>
    /// <param name="from">Settings before.</param>
    /// <param name="to">Settings after, of the same layout.</param>
    /// <param name="usedBlocks">KV blocks in use on the replica.</param>
    public static double PauseSeconds(Scenario scenario, PoolSpec pool, in KnobSettings from, in KnobSettings to, double usedBlocks)
    {
        SwitchingSpec price = scenario.Switching;
        double pause = 0;
        if (to.Precision != from.Precision)
        {
            pause += price.PrecisionFixedSeconds;
            if (!scenario.BothPrecisionsResident)
                pause += FeedForwardBytes(scenario, pool, to) / price.WeightLoadBytesPerSecond;
        }

        if (to.KvCompression != from.KvCompression)
        {
            double bytes = usedBlocks * MemoryPlan.BlockTokens * scenario.PlanFor(pool, from).KvBytesPerToken;
            pause += price.KvConversionSeconds + (bytes / price.KvConversionBytesPerSecond);
        }

        bool loadsDraft = to.Speculation && (!from.Speculation || to.DraftLevel != from.DraftLevel);
        if (loadsDraft)
            pause += scenario.PlanFor(pool, to).DraftWeightBytes / price.WeightLoadBytesPerSecond;
        return pause;
    }

    private static double FeedForwardBytes(Scenario scenario, PoolSpec pool, in KnobSettings to)
    {
        MemoryPlan with = MemoryPlanner.Plan(scenario.Hardware, scenario.EngineFor(pool, to), 1, false);
        ModelSpec model = scenario.Model;
        double layers = Math.Ceiling((double)model.Layers / pool.PipelineParallel);
        double kept = ((layers * model.AttentionWeightsPerLayer) + (2.0 * model.EmbeddingWeights / Math.Min(2, pool.PipelineParallel))) / pool.TensorParallel;
        return Math.Max(0, with.WeightBytes - kept);
    }
}
