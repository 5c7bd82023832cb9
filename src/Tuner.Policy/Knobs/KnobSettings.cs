namespace Tuner.Policy.Knobs;

/// <summary>One complete setting of the eight knobs: absolute values, not moves.</summary>
/// <param name="Parallelism">The layout.</param>
/// <param name="Precision">The weight precision.</param>
/// <param name="MaxBatchLevel">Rung on <see cref="KnobSpace.BatchLadder"/>, from 0.</param>
/// <param name="BatchWaitLevel">Rung on <see cref="KnobSpace.BatchWaitLadder"/>, from 0.</param>
/// <param name="KvCompression">Whether the KV cache is kept in 8 bits.</param>
/// <param name="Speculation">Whether speculative decoding is on.</param>
/// <param name="DraftLevel">Which draft model, smallest first; kept while speculation is off.</param>
/// <param name="KvPrefetch">Whether expected prefixes are brought back from host memory ahead of need.</param>
public readonly record struct KnobSettings(
    ParallelismMode Parallelism,
    PrecisionMode Precision,
    int MaxBatchLevel,
    int BatchWaitLevel,
    bool KvCompression,
    bool Speculation,
    int DraftLevel,
    bool KvPrefetch);
