using Tuner.Env.Costs;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Scenarios;

/// <summary>A cluster, the model it serves, what was promised, and what may be turned: everything but the traffic.</summary>
public sealed record Scenario
{
    /// <summary>The scenario's name.</summary>
    public required string Name { get; init; }

    /// <summary>The model served.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>The GPUs and their calibrated costs.</summary>
    public required HardwareProfile Hardware { get; init; }

    /// <summary>GPUs in the cluster.</summary>
    public required int Gpus { get; init; }

    /// <summary>Longest sequence served, prompt and output together, tokens; longer requests are refused with a reason.</summary>
    public required int MaxSequenceTokens { get; init; }

    /// <summary>The latency promises.</summary>
    public required ServiceObjective Objective { get; init; }

    /// <summary>Share of requests that must meet both promises for the load to count as sustained.</summary>
    public required double AttainmentTarget { get; init; }

    /// <summary>Quality losses and budget.</summary>
    public required QualitySpec Quality { get; init; }

    /// <summary>The knobs' values.</summary>
    public required KnobSpace Knobs { get; init; }

    /// <summary>The engine's settings out of the box.</summary>
    public required KnobSettings DefaultSettings { get; init; }

    /// <summary>Layouts by mode, indexed by <see cref="ParallelismMode"/>; null for a mode this cluster does not have.</summary>
    public required IReadOnlyList<LayoutSpec?> Layouts { get; init; }

    /// <summary>The draft models, smallest first; may be empty.</summary>
    public required IReadOnlyList<DraftSpec> Drafts { get; init; }

    /// <summary>The host-memory tier of the KV cache.</summary>
    public required HostCacheSpec HostCache { get; init; }

    /// <summary>The link of a GPU to its host's memory: the hardware's, with the bandwidth the scenario states.</summary>
    public HostLinkTerm HostLink => HostCache.LinkBytesPerSecond is { } rate ? Hardware.HostLink with { BytesPerSecond = rate } : Hardware.HostLink;

    /// <summary>What changing settings costs.</summary>
    public required SwitchingSpec Switching { get; init; }

    /// <summary>Whether both weight sets stay in GPU memory, so that precision changes without loading.</summary>
    public required bool BothPrecisionsResident { get; init; }

    /// <summary>Format of weights and activations that the precision knob does not put into 4 bits.</summary>
    public KernelPrecision Weights { get; init; } = KernelPrecision.Fp8;

    /// <summary>The serving engine, of those the hardware profile has; null takes its first.</summary>
    public string? Engine { get; init; }

    /// <summary>Share of each GPU's memory the engine may use, 0 to 1.</summary>
    public double GpuMemoryUtilization { get; init; } = MemoryPlanner.Utilization;

    /// <summary>Memory of a GPU that neither weights nor activations nor KV take: context, graphs, buffers.</summary>
    public double RuntimeBytes { get; init; } = MemoryPlanner.RuntimeBytes;

    private EngineKernels Kernels => Hardware.Engine(Engine);

    /// <summary>How steps are filled; null does as the engine does.</summary>
    public EngineSchedule? Schedule { get; init; }

    /// <summary>How requests are spread over replicas.</summary>
    public RouterKind Router { get; init; }

    /// <summary>What becomes of the KV of a sequence that loses its place.</summary>
    public PreemptionRule Preemption { get; init; }

    /// <summary>How clients behave.</summary>
    public ClientSpec Clients { get; init; } = ClientSpec.Patient;

    /// <summary>An encoder of what is seen in this scenario, with nothing seen yet.</summary>
    public ObservationEncoder NewEncoder() => new(Knobs, Objective, Quality.Budget);

    /// <summary>A policy for this scenario, from its parts, with nothing seen yet.</summary>
    /// <param name="network">The network.</param>
    /// <param name="normalizer">What comes before it.</param>
    public TunerPolicy PolicyOf(PolicyNetwork network, ObservationNormalizer normalizer) => new(network, normalizer, NewEncoder(), Knobs);

    /// <summary>What a policy's numbers mean here: the ladders, the promises, the quality budget and the losses.</summary>
    public ServingContract Contract => new()
    {
        BatchLadder = Knobs.BatchLadder,
        BatchWaitLadder = Knobs.BatchWaitLadder,
        Drafts = Knobs.Drafts,
        Objective = Objective,
        QualityBudget = Quality.Budget,
        Fp4Loss = Quality.Fp4Loss,
        KvCompressionLoss = Quality.KvCompressionLoss,
    };

    /// <summary>The layout of a mode.</summary>
    /// <exception cref="InvalidOperationException">The scenario has no such layout.</exception>
    public LayoutSpec LayoutOf(ParallelismMode mode)
        => Layouts[(int)mode] ?? throw new InvalidOperationException($"{Name} has no {mode} layout.");

    /// <summary>The engine one replica of a pool runs under given settings.</summary>
    public EngineSpec EngineFor(PoolSpec pool, in KnobSettings settings)
    {
        KnobSettings own = pool.Under(settings);
        DraftSpec? draft = own.Speculation && Drafts.Count > 0 ? Drafts[own.DraftLevel] : null;
        return new EngineSpec(Model, pool.TensorParallel, pool.PipelineParallel, own.Precision, own.KvCompression, draft?.Model, draft?.Tokens ?? 0)
        {
            Weights = Weights,
            DataParallel = pool.DataParallel,
            ExpertParallel = pool.ExpertParallel,
        };
    }

    /// <summary>Where the memory of one replica of a pool goes under given settings.</summary>
    public MemoryPlan PlanFor(PoolSpec pool, in KnobSettings settings) => PlanFor(pool, settings, BothPrecisionsResident);

    /// <summary>The same, with one weight set or both.</summary>
    internal MemoryPlan PlanFor(PoolSpec pool, in KnobSettings settings, bool bothPrecisionsResident)
        => MemoryPlanner.Plan(Hardware, EngineFor(pool, settings), Knobs.BatchLadder[settings.MaxBatchLevel].TokenBudget, bothPrecisionsResident, GpuMemoryUtilization, RuntimeBytes);

    /// <summary>Whether the settings can run: the layout exists and every pool has room for weights and a useful KV cache.</summary>
    public bool Fits(in KnobSettings settings)
    {
        if (Layouts[(int)settings.Parallelism] is not { } layout || (settings.Speculation && Drafts.Count == 0))
            return false;
        foreach (PoolSpec pool in layout.Pools)
        {
            if (pool.Under(settings).Precision == PrecisionMode.Fp8Fp4 && !Kernels.Gemm.Any(term => term.Precision == KernelPrecision.NvFp4))
                return false;
            if (PlanFor(pool, settings).KvBlocks < LeastKvTokens / MemoryPlan.BlockTokens)
                return false;
        }

        return true;
    }

    /// <summary>Mean quality loss of a request served under given settings, points.</summary>
    public double QualityLoss(in KnobSettings settings)
        => (settings.Precision == PrecisionMode.Fp8Fp4 ? Quality.Fp4Loss : 0) + (settings.KvCompression ? Quality.KvCompressionLoss : 0);

    /// <summary>Mean quality loss of a request one pool serves under given settings, points.</summary>
    public double QualityLoss(PoolSpec pool, in KnobSettings settings) => QualityLoss(pool.Under(settings));

    /// <summary>Least KV cache with which an engine is called runnable, tokens: about one long conversation.</summary>
    internal const int LeastKvTokens = 8192;
}
