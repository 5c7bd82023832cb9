using System.Collections.Concurrent;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Fuzzing;

/// <summary>A drawn scenario: what differs from a shipped one.</summary>
internal sealed record FuzzScenario
{
    private static readonly Scenario Shipped = ScenarioFile.Load("llama8b-1xh100");
    private static readonly ConcurrentDictionary<string, HardwareProfile> Profiles = [];
    private static readonly ConcurrentDictionary<string, ModelSpec> Models = [];
    private static readonly ConcurrentDictionary<string, MeasuredCostModel> CostModels = [];

    /// <summary>A shipped hardware profile.</summary>
    public required string Hardware { get; init; }

    /// <summary>A shipped model.</summary>
    public required string Model { get; init; }

    /// <summary>Pools of each parallelism mode; null where the scenario has no such layout. The first is always there.</summary>
    public required FuzzPool[]?[] Layouts { get; init; }

    /// <summary>Rungs of sequences and token budget.</summary>
    public required int[][] Batches { get; init; }

    /// <summary>Rungs of waits, seconds, 0 first.</summary>
    public required double[] Waits { get; init; }

    /// <summary>Draft models.</summary>
    public required FuzzDraft[] Drafts { get; init; }

    /// <summary>KV memory of the smallest replica of the first layout, tokens; 0 for all the GPU has.</summary>
    public required int KvTokens { get; init; }

    /// <summary>Host memory behind the KV cache, bytes a GPU.</summary>
    public required double HostBytes { get; init; }

    /// <summary>Its link, bytes a second.</summary>
    public required double LinkBytesPerSecond { get; init; }

    /// <summary>Longest request served, tokens.</summary>
    public required int MaxSequenceTokens { get; init; }

    /// <summary>Pause of a layout change, seconds.</summary>
    public required double LayoutSeconds { get; init; }

    /// <summary>Pause of a change of precision and of KV format beside what is moved, seconds.</summary>
    public required double ChangeSeconds { get; init; }

    /// <summary>Whether both weight sets are loaded.</summary>
    public required bool BothResident { get; init; }

    /// <summary>Quality loss of FP4, points; KV compression loses half of it.</summary>
    public required double Loss { get; init; }

    /// <summary>How it schedules, changes and is used.</summary>
    public FuzzServing Serving { get; init; } = FuzzServing.Plain;

    /// <summary>Times its engines; kept, because preparing an engine takes longer than a run.</summary>
    public ICostModel CostModel() => CostModels.GetOrAdd(Hardware, static name => new MeasuredCostModel(Profile(name)));

    /// <summary>The scenario. Its settings at the start are all the first: they fit.</summary>
    public Scenario Build()
    {
        Scenario scenario = Shipped with
        {
            Name = "fuzz",
            Model = ModelOf(Model),
            Hardware = Profile(Hardware),
            Gpus = Layouts.Max(pools => pools?.Sum(pool => pool.Replicas * pool.Tensor * pool.Pipeline) ?? 0),
            MaxSequenceTokens = MaxSequenceTokens,
            Quality = new QualitySpec(Loss, 0.5 * Loss, 0.2),
            Knobs = new KnobSpace([.. Batches.Select(rung => new BatchRung(rung[0], rung[1]))], Waits, [.. Drafts.Select(draft => draft.Model)]),
            DefaultSettings = default,
            Layouts = [.. Layouts.Select(pools => pools is null ? null : new LayoutSpec([.. pools.Select(pool => new PoolSpec(pool.Replicas, pool.Tensor, pool.Pipeline, pool.MinPrompt, pool.MaxPrompt))]))],
            Drafts = [.. Drafts.Select(draft => new DraftSpec(ModelOf(draft.Model), draft.Acceptance.Length, [.. Enum.GetValues<TrafficClass>().Select(_ => draft.Acceptance)]))],
            HostCache = Shipped.HostCache with { BytesPerGpu = HostBytes, LinkBytesPerSecond = LinkBytesPerSecond },
            Switching = Shipped.Switching with { LayoutSeconds = LayoutSeconds, PrecisionFixedSeconds = ChangeSeconds, KvConversionSeconds = ChangeSeconds },
            BothPrecisionsResident = BothResident,
        };
        scenario = Serving.Of(scenario);
        return KvTokens == 0 ? scenario : Tight(scenario, KvTokens);
    }

    /// <summary>A shipped profile, read once.</summary>
    public static HardwareProfile Profile(string name) => Profiles.GetOrAdd(name, ProfileCatalog.Hardware);

    /// <summary>A shipped model, read once.</summary>
    public static ModelSpec ModelOf(string name) => Models.GetOrAdd(name, ProfileCatalog.Model);

    /// <summary>The scenario with the GPU memory that leaves so many tokens of KV where there is least, and no more.</summary>
    private static Scenario Tight(Scenario scenario, int tokens)
    {
        double bytes = 0;
        foreach (PoolSpec pool in scenario.Layouts[0]!.Pools)
        {
            MemoryPlan plan = scenario.PlanFor(pool, scenario.DefaultSettings);
            double needed = plan.WeightBytes + plan.DraftWeightBytes + plan.WorkspaceBytes + ((tokens + MemoryPlan.BlockTokens) * plan.KvBytesPerToken);
            bytes = Math.Max(bytes, needed / plan.CapacityBytes * scenario.Hardware.MemoryBytes);
        }

        return bytes >= scenario.Hardware.MemoryBytes ? scenario : scenario with { Hardware = scenario.Hardware with { MemoryBytes = bytes } };
    }
}
