using Tuner.Policy.Knobs;

namespace Tuner.Env.Costs;

/// <summary>Exact accounting of a replica's GPU memory.</summary>
public static class MemoryPlanner
{
    /// <summary>vLLM's default <c>--gpu-memory-utilization</c>.</summary>
    public const double Utilization = 0.9;

    /// <summary>Context, graphs and collective buffers: aiconfigurator <c>systems/h200_sxm.yaml</c>, <c>misc.other_mem</c> plus <c>nccl_mem</c>, rounded.</summary>
    public const double RuntimeBytes = 4.2e9;

    /// <summary>NVFP4: 4 bits and one 8-bit scale per 16 weights (NVIDIA, "Introducing NVFP4", 2025).</summary>
    private const double Fp4BytesPerWeight = 0.5 + (1.0 / 16);

    /// <summary>MXFP4: 4 bits and one 8-bit scale for 32 weights (OCP Microscaling Formats specification 1.0, 2023).</summary>
    private const double Mxfp4BytesPerWeight = 0.5 + (1.0 / 32);

    /// <summary>Plans one replica.</summary>
    /// <param name="profile">The GPU.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="tokenBudget">Most tokens of one step, which sizes the activations.</param>
    /// <param name="bothPrecisionsResident">Whether 8-bit and 4-bit feed-forward weights both stay loaded.</param>
    /// <param name="utilization">Share of the GPU's memory the engine may use.</param>
    /// <param name="runtimeBytes">Context, graphs and collective buffers; null for the usual.</param>
    public static MemoryPlan Plan(HardwareProfile profile, EngineSpec engine, int tokenBudget, bool bothPrecisionsResident, double utilization = Utilization, double? runtimeBytes = null)
    {
        ModelSpec model = engine.Model;
        double layers = Math.Ceiling((double)model.Layers / engine.PipelineParallel);
        double dense = model.FeedForwardWeightsPerLayer - model.ExpertWeightsPerLayer;
        double experts = (double)model.ExpertWeightsPerLayer / engine.DataParallel; // spread over all groups; the rest is held by each
        double feedForward8 = (dense * BytesPerWeight(engine.Weights)) + (experts * BytesPerWeight((engine with { Precision = PrecisionMode.Fp8 }).ExpertWeights));
        double feedForward4 = (dense + experts) * Fp4BytesPerWeight;
        double feedForward = bothPrecisionsResident
            ? feedForward8 + feedForward4
            : engine.Precision == PrecisionMode.Fp8Fp4 ? feedForward4 : feedForward8;
        double embeddings = 2.0 * model.EmbeddingWeights / Math.Min(2, engine.PipelineParallel);
        double weights = ((layers * ((model.AttentionWeightsPerLayer * BytesPerWeight(engine.AttentionWeights)) + feedForward)) + embeddings) / engine.TensorParallel;
        double draftWeights = engine.Draft is null ? 0 : 2.0 * engine.Draft.Weights / engine.TensorParallel;

        // Residual stream and the widest layer in 16 bits, twice (input and output), and the logits of a full batch in 32.
        double activations = tokenBudget * ((4.0 * model.HiddenSize) + (6.0 * model.IntermediateSize * Math.Max(1, model.ActiveExperts) / engine.TensorParallel));
        double workspace = (runtimeBytes ?? RuntimeBytes) + activations;

        double bytesPerElement = engine.KvCompression ? 1 : 2;
        double kv = CachedElements(model, layers, engine.TensorParallel) * bytesPerElement;
        if (engine.Draft is { } draft)
            kv += CachedElements(draft, draft.Layers, engine.TensorParallel) * bytesPerElement;
        double capacity = profile.MemoryBytes * utilization;
        double free = capacity - weights - draftWeights - workspace;
        int blocks = free <= 0 ? 0 : (int)Math.Min(int.MaxValue / MemoryPlan.BlockTokens, engine.DataParallel * Math.Floor(free / (kv * MemoryPlan.BlockTokens)));
        return new MemoryPlan(capacity, weights, draftWeights, workspace, kv, blocks);
    }

    private static double BytesPerWeight(KernelPrecision format) => format switch
    {
        KernelPrecision.Bf16 => 2,
        KernelPrecision.MxFp4 => Mxfp4BytesPerWeight,
        _ => 1,
    };

    // Elements a token takes on one GPU of a stage. Compressed keys are held whole by every GPU; what windows keep does not grow.
    private static double CachedElements(ModelSpec model, double layers, int tensor)
    {
        double growing = layers * model.GrowingLayers / model.Layers;
        return growing * (model.Latent?.CachedElements ?? (2 * Math.Ceiling((double)model.KvHeads / tensor) * model.HeadDim));
    }
}
