using System.Collections.Concurrent;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>Prepared engines of one scenario, kept so that changing settings costs no preparation. Safe to share between threads.</summary>
public sealed class EngineCostCache
{
    private static readonly double[][] Certain = [.. Enum.GetValues<TrafficClass>().Select(_ => Array.Empty<double>())];

    private readonly ICostModel model;
    private readonly double[][][] survival; // by draft, class and position
    private readonly ConcurrentDictionary<IEngineCost, DecodeTable> tables = [];
    private readonly ConcurrentDictionary<(PoolSpec Pool, KnobSettings Settings), ReplicaSettings> prepared = [];

    /// <param name="scenario">The scenario.</param>
    /// <param name="model">Times its engines.</param>
    public EngineCostCache(Scenario scenario, ICostModel model)
    {
        Scenario = scenario;
        this.model = model;
        survival = [.. scenario.Drafts.Select(draft => draft.AcceptanceByClass.Select(Products).ToArray())];
    }

    /// <summary>Prepares engines timed by the scenario's own hardware profile.</summary>
    /// <param name="scenario">The scenario.</param>
    public EngineCostCache(Scenario scenario)
        : this(scenario, new MeasuredCostModel(scenario.Hardware, scenario.Engine))
    {
    }

    /// <summary>The scenario the engines belong to.</summary>
    public Scenario Scenario { get; }

    /// <summary>The same cluster with GPUs whose steps take another multiple of their time.</summary>
    /// <param name="factor">The multiple, above 0; a GPU 20 % slower takes 1.25 times as long.</param>
    public EngineCostCache Slower(double factor) => new(Scenario, new ScaledCostModel(model, factor));

    /// <summary>The same cluster with drafts that guess better or worse.</summary>
    /// <param name="added">What is added to each probability of acceptance; they stay within 0.01 and 0.99.</param>
    public EngineCostCache WithDraftAcceptance(double added) => new(Scenario with { Drafts = [.. Scenario.Drafts.Select(draft => draft.WithAcceptance(added))] }, model);

    internal ReplicaSettings For(PoolSpec pool, in KnobSettings settings)
        => prepared.GetOrAdd((pool, settings), static (key, self) => self.Prepare(key.Pool, key.Settings), this);

    /// <summary>How a replica runs while the weights of its next settings are loaded beside its own; null when memory does not allow it.</summary>
    internal ReplicaSettings? Meanwhile(PoolSpec pool, in KnobSettings before, in KnobSettings after)
    {
        KnobSettings both = after.Speculation ? before with { Speculation = true, DraftLevel = after.DraftLevel } : before;
        MemoryPlan plan = Scenario.PlanFor(pool, both, Scenario.BothPrecisionsResident || before.Precision != after.Precision);
        ReplicaSettings now = For(pool, before);
        int blocks = Math.Min(plan.KvBlocks, now.KvBlocks);
        return blocks * MemoryPlan.BlockTokens < Scenario.LeastKvTokens ? null : now with { KvBlocks = blocks };
    }

    private ReplicaSettings Prepare(PoolSpec pool, KnobSettings settings)
    {
        EngineSpec engine = Scenario.EngineFor(pool, settings);
        MemoryPlan plan = Scenario.PlanFor(pool, settings);
        BatchRung rung = Scenario.Knobs.BatchLadder[settings.MaxBatchLevel];
        IEngineCost cost = model.For(engine);
        int hostBlocks = (int)(Scenario.HostCache.BytesPerGpu / (plan.KvBytesPerToken * MemoryPlan.BlockTokens));
        DecodeTable decoding = tables.GetOrAdd(cost, static (each, most) => new DecodeTable(each, most), Scenario.Knobs.BatchLadder.Max(each => each.Sequences));
        return new ReplicaSettings(
            cost,
            decoding,
            Scenario.Schedule ?? cost.Schedule,
            plan.KvBlocks,
            plan.KvBytesPerToken,
            rung.Sequences,
            rung.TokenBudget,
            Scenario.Knobs.BatchWaitLadder[settings.BatchWaitLevel],
            settings.KvPrefetch,
            engine.Draft is null ? Certain : survival[settings.DraftLevel],
            Scenario.QualityLoss(pool, settings),
            hostBlocks,
            Scenario.HostLink,
            Scenario.Preemption == PreemptionRule.Swap);
    }

    private static double[] Products(double[] acceptance)
    {
        double product = 1;
        return [.. acceptance.Select(each => product *= each)];
    }
}
