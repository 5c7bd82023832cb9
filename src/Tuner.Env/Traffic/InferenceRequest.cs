namespace Tuner.Env.Traffic;

/// <summary>One request of a trace.</summary>
/// <param name="ArrivalSeconds">When it arrives, in seconds from the start of the trace; ascending within a trace.</param>
/// <param name="PromptTokens">Prompt length in tokens, at least 1.</param>
/// <param name="OutputTokens">Tokens it will produce, at least 1.</param>
/// <param name="Class">What kind of work it is.</param>
/// <param name="PrefixBlocks">
/// Hashes of the prompt's leading blocks, each covering <paramref name="PrefixBlockTokens"/> tokens and all before them: two
/// requests share the KV cache of their longest common leading run. Empty when the trace does not say.
/// </param>
/// <param name="PrefixBlockTokens">Tokens a prefix block, a multiple of 16; 0 when there are none.</param>
public readonly record struct InferenceRequest(
    double ArrivalSeconds,
    int PromptTokens,
    int OutputTokens,
    TrafficClass Class,
    ReadOnlyMemory<ulong> PrefixBlocks = default,
    int PrefixBlockTokens = 0);
