using System.Collections.Concurrent;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>Prepared engines of one scenario, kept so that changing settings costs no preparation. Safe to share between threads.</summary>
/// <param name="scenario">The scenario.</param>
/// <param name="model">Times its engines.</param>
public sealed class EngineCostCache(Scenario scenario, ICostModel model)
{
    private readonly ConcurrentDictionary<(PoolSpec Pool, KnobSettings Settings), ReplicaSettings> prepared = [];

    /// <summary>The scenario the engines belong to.</summary>
    public Scenario Scenario => scenario;

    internal ReplicaSettings For(PoolSpec pool, in KnobSettings settings)
        => prepared.GetOrAdd((pool, settings), static (key, self) => self.Prepare(key.Pool, key.Settings), this);

    private ReplicaSettings Prepare(PoolSpec pool, KnobSettings settings)
    {
        EngineSpec engine = scenario.EngineFor(pool, settings);
        MemoryPlan plan = scenario.PlanFor(pool, settings);
        BatchRung rung = scenario.Knobs.BatchLadder[settings.MaxBatchLevel];
        double[] tokensPerStep = new double[Enum.GetValues<TrafficClass>().Length];
        for (int i = 0; i < tokensPerStep.Length; i++)
            tokensPerStep[i] = engine.Draft is null ? 1 : scenario.Drafts[settings.DraftLevel].AcceptanceLength((TrafficClass)i);
        int hostBlocks = (int)(scenario.HostCache.BytesPerGpu / (plan.KvBytesPerToken * MemoryPlan.BlockTokens));
        return new ReplicaSettings(
            model.For(engine),
            plan.KvBlocks,
            plan.KvBytesPerToken,
            rung.Sequences,
            rung.TokenBudget,
            scenario.Knobs.BatchWaitLadder[settings.BatchWaitLevel],
            settings.KvPrefetch,
            tokensPerStep,
            scenario.QualityLoss(settings),
            hostBlocks,
            scenario.HostLink);
    }
}
