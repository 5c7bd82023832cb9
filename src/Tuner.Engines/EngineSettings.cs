using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;

namespace Tuner.Engines;

/// <summary>One complete setting in an engine's own terms: rungs as what they stand for. The JSON of the admin endpoint.</summary>
public sealed record EngineSettings
{
    /// <summary>How it is written as JSON, without reflection.</summary>
    public static JsonTypeInfo<EngineSettings> JsonType => EngineJson.Default.EngineSettings;

    /// <summary>The layout.</summary>
    public ParallelismMode Parallelism { get; init; }

    /// <summary>The weight precision.</summary>
    public PrecisionMode Precision { get; init; }

    /// <summary>Most sequences running at once on one replica.</summary>
    public int MaxSequences { get; init; }

    /// <summary>Most tokens of one engine step.</summary>
    public int MaxBatchedTokens { get; init; }

    /// <summary>How long an idle engine waits for company, seconds.</summary>
    public double BatchWaitSeconds { get; init; }

    /// <summary>Whether the KV cache is kept in 8 bits.</summary>
    public bool KvCompression { get; init; }

    /// <summary>Whether speculative decoding is on.</summary>
    public bool Speculation { get; init; }

    /// <summary>The draft model; null where there is none.</summary>
    public string? Draft { get; init; }

    /// <summary>Whether expected prefixes are brought back ahead of need.</summary>
    public bool KvPrefetch { get; init; }

    /// <summary>Whether the engine is still on its way to these settings.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Changing { get; init; }

    /// <summary>A setting in the engine's terms.</summary>
    public static EngineSettings Of(ServingContract contract, in KnobSettings settings)
    {
        ArgumentNullException.ThrowIfNull(contract);
        return new EngineSettings
        {
            Parallelism = settings.Parallelism,
            Precision = settings.Precision,
            MaxSequences = contract.BatchLadder[settings.MaxBatchLevel].Sequences,
            MaxBatchedTokens = contract.BatchLadder[settings.MaxBatchLevel].TokenBudget,
            BatchWaitSeconds = contract.BatchWaitLadder[settings.BatchWaitLevel],
            KvCompression = settings.KvCompression,
            Speculation = settings.Speculation,
            Draft = contract.Drafts.Count > 0 ? contract.Drafts[settings.DraftLevel] : null,
            KvPrefetch = settings.KvPrefetch,
        };
    }

    /// <summary>The setting as the policy counts it.</summary>
    /// <exception cref="FormatException">A value is no rung of the contract's ladders; the message says which.</exception>
    public KnobSettings ToKnobs(ServingContract contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        int batch = IndexOf(contract.BatchLadder, new BatchRung(MaxSequences, MaxBatchedTokens));
        int wait = IndexOf(contract.BatchWaitLadder, BatchWaitSeconds);
        int draft = Draft is null ? 0 : IndexOf(contract.Drafts, Draft);
        if (batch < 0)
            throw new FormatException($"the engine runs {MaxSequences} sequences and {MaxBatchedTokens} tokens a step; the policy knows {string.Join(", ", contract.BatchLadder.Select(rung => $"{rung.Sequences}/{rung.TokenBudget}"))}");
        if (wait < 0)
            throw new FormatException($"the engine waits {BatchWaitSeconds} s for a batch; the policy knows {string.Join(", ", contract.BatchWaitLadder)} s");
        if (draft < 0)
            throw new FormatException($"the engine drafts with {Draft}; the policy knows {string.Join(", ", contract.Drafts)}");
        return new KnobSettings(Parallelism, Precision, batch, wait, KvCompression, Speculation, draft, KvPrefetch);
    }

    private static int IndexOf<T>(IReadOnlyList<T> values, T value)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (EqualityComparer<T>.Default.Equals(values[i], value))
                return i;
        }

        return -1;
    }
}
