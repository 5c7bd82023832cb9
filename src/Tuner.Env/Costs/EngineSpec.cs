using Tuner.Policy.Knobs;

namespace Tuner.Env.Costs;

/// <summary>How one replica runs the served model: everything a step's time depends on beside its batch.</summary>
/// <param name="Model">The model served.</param>
/// <param name="TensorParallel">GPUs each layer is split over, at least 1.</param>
/// <param name="PipelineParallel">Stages the layers are split into, at least 1.</param>
/// <param name="Precision">Weight precision.</param>
/// <param name="KvCompression">Whether the KV cache is kept in 8 bits instead of 16.</param>
/// <param name="Draft">The draft model; null while speculation is off.</param>
/// <param name="DraftTokens">Tokens drafted a step, at least 1 with a draft model; 0 without.</param>
public sealed record EngineSpec(
    ModelSpec Model,
    int TensorParallel,
    int PipelineParallel,
    PrecisionMode Precision,
    bool KvCompression,
    ModelSpec? Draft,
    int DraftTokens)
{
    /// <summary>Format of the weights that <see cref="Precision"/> does not put into 4 bits: 8-bit floating point unless set otherwise.</summary>
    public KernelPrecision Weights { get; init; } = KernelPrecision.Fp8;

    /// <summary>Groups of <see cref="TensorParallel"/> GPUs that share the sequences for attention and come together for the experts; 1 without a mixture of experts.</summary>
    public int DataParallel { get; init; } = 1;

    /// <summary>Parts the experts are spread over; the rest of the GPUs split each expert. Divides <see cref="TensorParallel"/> · <see cref="DataParallel"/>.</summary>
    public int ExpertParallel { get; init; } = 1;

    /// <summary>How unevenly tokens choose experts: 0 is balanced, above it the exponent of <see cref="RoutedLoad"/>'s power law.</summary>
    /// <value>1.01 by default, the milder of the two skews the tables hold.</value>
    public double RoutingSkew { get; init; } = 1.01;

    /// <summary>Format of the attention projections: 16 bits in checkpoints that quantise their experts alone.</summary>
    public KernelPrecision AttentionWeights => Model.ExpertFormat == KernelPrecision.MxFp4 ? KernelPrecision.Bf16 : Weights;

    /// <summary>Format of the experts: what the checkpoint fixes, or what the feed-forward part is served in.</summary>
    public KernelPrecision ExpertWeights => (Model.ExpertFormat, Precision) switch
    {
        (KernelPrecision.MxFp4, _) => KernelPrecision.MxFp4,
        (_, PrecisionMode.Fp8Fp4) => KernelPrecision.NvFp4,
        (KernelPrecision.Fp8Block, _) when Weights == KernelPrecision.Fp8 => KernelPrecision.Fp8Block,
        _ => Weights,
    };

    /// <summary>GPUs of the replica.</summary>
    public int Gpus => TensorParallel * PipelineParallel * DataParallel;
}
