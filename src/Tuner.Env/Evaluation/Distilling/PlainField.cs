using Tuner.Policy.Observations;

namespace Tuner.Env.Evaluation.Distilling;

/// <summary>A field of the observation as an engineer reads it: in requests, tokens, shares and multiples of a promise, not in logarithms.</summary>
/// <remarks>
/// Fields that tell the settings in force are left out: a table says what suits the traffic, and one that may say "what is, stays"
/// explains nothing.
/// </remarks>
/// <param name="Name">What is measured, with its unit.</param>
/// <param name="Index">Where it stands in the observation.</param>
/// <param name="IsLogarithm">Whether the observation holds ln(1 + x), with the sign of x.</param>
public sealed record PlainField(string Name, int Index, bool IsLogarithm)
{
    private static readonly PlainField[] Fields =
    [
        Of("arrival_rate_log", "requests/s", true),
        Of("arrival_rate_recent_log", "requests/s, recent", true),
        Of("prompt_p90_log", "p90 prompt tokens", true),
        Of("prompt_tokens_recent_log", "mean prompt tokens, recent", true),
        Of("prompt_p90_recent_log", "p90 prompt tokens, recent", true),
        Of("output_tokens_recent_log", "mean output tokens, recent", true),
        Of("waiting_log", "requests waiting", true),
        Of("running_log", "requests running", true),
        Of("kv_use", "share of KV in use", false),
        Of("busy_share", "share of time busy", false),
        Of("ttft_p90_log", "TTFT p90 / promise", true),
        Of("tpot_p90_share", "TPOT p90 / promise", false),
        Of("attainment", "promises kept", false),
        Of("prefix_hit_rate", "prefix hits", false),
        Of("quality_balance", "quality saved, windows", true),
    ];

    /// <summary>The fields a table may ask about.</summary>
    public static IReadOnlyList<PlainField> All => Fields;

    /// <summary>Reads all fields from an observation that is not normalised.</summary>
    /// <param name="observation"><see cref="ObservationSchema.FieldCount"/> values.</param>
    /// <param name="values">Receives one value a field of <see cref="All"/>.</param>
    public static void Read(ReadOnlySpan<float> observation, Span<double> values)
    {
        for (int i = 0; i < Fields.Length; i++)
        {
            double value = observation[Fields[i].Index];
            values[i] = Fields[i].IsLogarithm ? Math.Sign(value) * (Math.Exp(Math.Abs(value)) - 1) : value;
        }
    }

    private static PlainField Of(string field, string name, bool logarithm)
    {
        for (int i = 0; i < ObservationSchema.FieldCount; i++)
        {
            if (ObservationSchema.FieldNames[i] == field)
                return new PlainField(name, i, logarithm);
        }

        throw new InvalidOperationException($"The observation has no field {field}.");
    }
}
