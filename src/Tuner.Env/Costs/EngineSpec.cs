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

    /// <summary>GPUs of the replica.</summary>
    public int Gpus => TensorParallel * PipelineParallel;
}
