using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>What a change within a layout costs one replica.</summary>
internal static class SwitchPrice
{
    /// <summary>Time weights take to load, seconds; 0 when nothing is loaded.</summary>
    /// <param name="scenario">The scenario, whose switching section holds the prices.</param>
    /// <param name="pool">The pool the replica belongs to.</param>
    /// <param name="from">Settings before.</param>
    /// <param name="to">Settings after, of the same layout.</param>
    public static double LoadSeconds(Scenario scenario, PoolSpec pool, in KnobSettings from, in KnobSettings to)
    {
        double bytes = 0;
        if (to.Precision != from.Precision && !scenario.BothPrecisionsResident)
            bytes += FeedForwardBytes(scenario, pool, to);
        if (LoadsDraft(from, to))
            bytes += scenario.PlanFor(pool, to).DraftWeightBytes;
        return bytes / scenario.Switching.WeightLoadBytesPerSecond;
    }

    /// <summary>Time the replica stands still beside loading, seconds; parts that need the same link or the same stop add up.</summary>
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
            pause += price.PrecisionFixedSeconds;
        if (to.KvCompression != from.KvCompression)
        {
            double bytes = usedBlocks * MemoryPlan.BlockTokens * scenario.PlanFor(pool, from).KvBytesPerToken;
            pause += price.KvConversionSeconds + (bytes / price.KvConversionBytesPerSecond);
        }

        bool newGraphs = to.Precision != from.Precision || to.KvCompression != from.KvCompression || to.Speculation != from.Speculation || LoadsDraft(from, to);
        return newGraphs ? pause + price.GraphSeconds : pause;
    }

    private static bool LoadsDraft(in KnobSettings from, in KnobSettings to) => to.Speculation && (!from.Speculation || to.DraftLevel != from.DraftLevel);

    private static double FeedForwardBytes(Scenario scenario, PoolSpec pool, in KnobSettings to)
    {
        MemoryPlan with = MemoryPlanner.Plan(scenario.Hardware, scenario.EngineFor(pool, to), 1, false);
        ModelSpec model = scenario.Model;
        double layers = Math.Ceiling((double)model.Layers / pool.PipelineParallel);
        double kept = ((layers * model.AttentionWeightsPerLayer) + (2.0 * model.EmbeddingWeights / Math.Min(2, pool.PipelineParallel))) / pool.TensorParallel;
        return Math.Max(0, with.WeightBytes - kept);
    }
}
