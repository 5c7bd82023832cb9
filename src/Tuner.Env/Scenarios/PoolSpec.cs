using Tuner.Policy.Knobs;

namespace Tuner.Env.Scenarios;

/// <summary>Replicas of one shape, and the requests they take.</summary>
/// <param name="Replicas">How many replicas, at least 1.</param>
/// <param name="TensorParallel">GPUs each layer is split over, at least 1.</param>
/// <param name="PipelineParallel">Pipeline stages, at least 1.</param>
/// <param name="MinPromptTokens">Shortest prompt this pool takes.</param>
/// <param name="MaxPromptTokens">Longest prompt this pool takes.</param>
public sealed record PoolSpec(
    int Replicas,
    int TensorParallel,
    int PipelineParallel,
    int MinPromptTokens = 0,
    int MaxPromptTokens = int.MaxValue)
{
    /// <summary>Groups of <see cref="TensorParallel"/> GPUs that share a replica's sequences and meet at the experts; 1 without a mixture of experts.</summary>
    public int DataParallel { get; init; } = 1;

    /// <summary>Parts the experts are spread over; 1 splits every expert over all GPUs.</summary>
    public int ExpertParallel { get; init; } = 1;

    /// <summary>The precision of this pool whatever the knob says; null follows the knob.</summary>
    public PrecisionMode? Precision { get; init; }

    /// <summary>Whether this pool's KV cache is compressed, whatever the knob says; null follows the knob.</summary>
    public bool? KvCompression { get; init; }

    /// <summary>Whether this pool speculates, whatever the knob says; null follows the knob.</summary>
    public bool? Speculation { get; init; }

    /// <summary>GPUs of one replica.</summary>
    public int GpusPerReplica => TensorParallel * PipelineParallel * DataParallel;

    /// <summary>GPUs of the pool.</summary>
    public int Gpus => Replicas * GpusPerReplica;

    /// <summary>What the knobs come to on this pool: its own settings stand where it has any.</summary>
    public KnobSettings Under(in KnobSettings settings) => settings with
    {
        Precision = Precision ?? settings.Precision,
        KvCompression = KvCompression ?? settings.KvCompression,
        Speculation = Speculation ?? settings.Speculation,
    };
}
