using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>argonne-lcf/LLM-Inference-Bench 4211f5d: static batches under engines of 2024, and how they are predicted.</summary>
/// <remarks>
/// Its A100s have 40 GB at 1.555 TB/s (NVIDIA A100 data sheet; arXiv 2411.00136 names the GPUs). Kernels are those of this profile, two years
/// newer; where there are none of TensorRT-LLM, vLLM's. Its all-reduces are nearer to NCCL's tables than to those of custom kernels, which
/// later versions have.
/// </remarks>
public sealed class StaticBatchStudy
{
    /// <summary>vLLM of 2024, fitted to Llama-3-8B in 16 bits on one H100.</summary>
    public static readonly HostTimes Vllm = new(1.66e-3, 51e-6);

    /// <summary>TensorRT-LLM of 2024, fitted to Llama-3-8B under tensor parallelism.</summary>
    public static readonly HostTimes TensorRt = new(610e-6, 25e-6);

    private const int TokenBudget = 8192;

    /// <summary>TensorRT-LLM's <c>kv_cache_free_gpu_mem_fraction</c>: its cache takes that share of what weights and workspace leave, vLLM's that share of all.</summary>
    private const double FreeShare = 0.9;

    private readonly HardwareProfile hardware;

    /// <param name="profile">An A100 or H100 as it was measured.</param>
    public StaticBatchStudy(HardwareProfile profile) =>
        hardware = profile.Name == "a100" ? MemoryVariant.Of(profile, "a100-40gb", 40.0 * (1 << 30), 1.555e12) : profile;

    /// <summary>Whether the cost model has what a batch needs: no spread experts, a format the GPU computes in, a known model.</summary>
    public bool Covers(StaticBatchSample sample) =>
        sample.Expert == 1
        && sample.KvBits > 0
        && sample.Weights is { } weights
        && Kernels(sample.Engine).Gemm.Any(term => term.Precision == weights)
        && Kernels(sample.Engine).Attention.Any(term => term.KvBits == sample.KvBits)
        && Shape(sample.Model) is { Experts: 0 };

    /// <summary>Predicts the seconds of batches, all of which must be covered.</summary>
    /// <param name="samples">Batches of one engine.</param>
    /// <param name="host">That engine's host times.</param>
    public double[] Predict(IReadOnlyList<StaticBatchSample> samples, HostTimes host)
    {
        EngineKernels kernels = samples.Count == 0 ? hardware.Engines[0] : Kernels(samples[0].Engine);
        bool nccl = samples.Count > 0 && samples[0].Engine == "trtllm";
        kernels = kernels with
        {
            Overheads = kernels.Overheads with { StepSeconds = host.StepSeconds, SequenceSeconds = host.SequenceSeconds },
            Collectives = nccl ? [.. kernels.Collectives.Where(term => term.Operation == CollectiveOperation.NcclAllReduce).Select(term => term with { Operation = CollectiveOperation.AllReduce })] : kernels.Collectives,
        };
        var costs = new MeasuredCostModel(hardware with { Engines = [kernels] });
        return [.. samples.Select(sample =>
        {
            var engine = new EngineSpec(Shape(sample.Model)!, sample.Tensor, sample.Pipeline, PrecisionMode.Fp8, sample.KvBits == 8, null, 0) { Weights = sample.Weights!.Value };
            MemoryPlan plan = MemoryPlanner.Plan(hardware, engine, TokenBudget, bothPrecisionsResident: false);
            double room = nccl
                ? FreeShare * (hardware.MemoryBytes - plan.WeightBytes - plan.WorkspaceBytes)
                : (double)plan.KvBlocks * MemoryPlan.BlockTokens * plan.KvBytesPerToken;
            return StaticBatch.Seconds(costs.For(engine), sample.Requests, sample.Length, sample.Length, (long)Math.Max(0, room / plan.KvBytesPerToken), TokenBudget);
        })];
    }

    private EngineKernels Kernels(string engine) => hardware.Engines.FirstOrDefault(kernels => kernels.Name == engine) ?? hardware.Engines[0];

    private static ModelSpec? Shape(string name)
    {
        try
        {
            return ProfileCatalog.Model(name);
        }
        catch (ScenarioFormatException)
        {
            return null;
        }
    }
}
