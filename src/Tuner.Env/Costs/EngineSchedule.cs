using System.Text.Json.Serialization;

namespace Tuner.Env.Costs;

/// <summary>How an engine fills its steps.</summary>
/// <param name="ChunksPrompts">Whether a prompt may be spread over several steps; else it waits for a step that holds all of it.</param>
/// <param name="OverlapsSteps">
/// Whether the host prepares a step while the one before runs: a request then joins a step only if it arrived before the previous step began.
/// </param>
/// <param name="ReservesOutput">Whether a sequence is admitted only when the KV cache holds its longest answer too, not just its prompt.</param>
/// <param name="Source">Where this is documented.</param>
public sealed record EngineSchedule(bool ChunksPrompts, bool OverlapsSteps, bool ReservesOutput, string Source)
{
    /// <summary>Chunked prefill, one step after the other, cache blocks as they are needed.</summary>
    public static EngineSchedule Chunked { get; } = new(true, false, false, "vLLM V1's scheduler without asynchronous scheduling");

    /// <summary>Whole prompts in steps of their own, before anything decodes.</summary>
    public static EngineSchedule PromptsFirst { get; } = new(false, false, false, "vLLM V0's scheduler without chunked prefill") { PrefillFirst = true, Watermark = 0.01 };

    /// <summary>Whether a step with prompts holds nothing else: what decodes stands still meanwhile.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PrefillFirst { get; init; }

    /// <summary>Share of KV blocks kept free at admission, so that the newcomer is not thrown out at once: 0.01 in vLLM V0 (its block manager's <c>watermark</c>), none since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Watermark { get; init; }
}
