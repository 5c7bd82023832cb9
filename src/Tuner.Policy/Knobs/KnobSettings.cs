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
    bool KvPrefetch)
{
    /// <summary>The value of one knob as a number: the enum's, the rung's, or 0 and 1 for off and on.</summary>
    public int this[Knob knob] => knob switch
    {
        Knob.Parallelism => (int)Parallelism,
        Knob.Precision => (int)Precision,
        Knob.MaxBatch => MaxBatchLevel,
        Knob.BatchWait => BatchWaitLevel,
        Knob.KvCompression => KvCompression ? 1 : 0,
        Knob.Speculation => Speculation ? 1 : 0,
        Knob.Draft => DraftLevel,
        Knob.KvPrefetch => KvPrefetch ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(knob), knob, "There is no such knob."),
    };

    /// <summary>These settings with one knob at another value, counted as by the indexer.</summary>
    public KnobSettings With(Knob knob, int value) => knob switch
    {
        Knob.Parallelism => this with { Parallelism = (ParallelismMode)value },
        Knob.Precision => this with { Precision = (PrecisionMode)value },
        Knob.MaxBatch => this with { MaxBatchLevel = value },
        Knob.BatchWait => this with { BatchWaitLevel = value },
        Knob.KvCompression => this with { KvCompression = value != 0 },
        Knob.Speculation => this with { Speculation = value != 0 },
        Knob.Draft => this with { DraftLevel = value },
        Knob.KvPrefetch => this with { KvPrefetch = value != 0 },
        _ => throw new ArgumentOutOfRangeException(nameof(knob), knob, "There is no such knob."),
    };

    /// <summary>What leads from one setting to another, for people: <c>MaxBatch 2→3, Speculation 0→1</c>; empty when they are equal.</summary>
    public static string Difference(KnobSettings from, KnobSettings to)
        => string.Join(", ", Enum.GetValues<Knob>().Where(knob => from[knob] != to[knob]).Select(knob => $"{knob} {from[knob]}→{to[knob]}"));
}
