namespace Tuner.Env.Costs;

/// <summary>What one engine step processes, summed over its sequences.</summary>
/// <param name="PrefillTokens">Prompt tokens processed in this step.</param>
/// <param name="PrefillSequences">Sequences those tokens belong to.</param>
/// <param name="PrefillPairs">Query–key pairs of the prefill chunks under the causal mask: Σ chunk · (context before + chunk / 2).</param>
/// <param name="PrefillKvTokens">Cached tokens the chunks attend to, read from the KV cache: Σ context before.</param>
/// <param name="PrefillsCompleted">Chunks that end their prompt: each samples a first token.</param>
/// <param name="DecodeSequences">Sequences that decode in this step.</param>
/// <param name="DecodeKvTokens">Cached tokens those sequences attend to: Σ context.</param>
public readonly record struct BatchShape(
    int PrefillTokens,
    int PrefillSequences,
    double PrefillPairs,
    double PrefillKvTokens,
    int PrefillsCompleted,
    int DecodeSequences,
    double DecodeKvTokens)
{
    /// <summary>What the fullest of several groups gets when they split the sequences: a prompt stays whole, so one prompt is all one group's.</summary>
    public BatchShape Share(int groups)
    {
        if (groups == 1)
            return this;
        double prompts = PrefillSequences == 0 ? 0 : (double)Split(PrefillSequences, groups) / PrefillSequences;
        double decoding = DecodeSequences == 0 ? 0 : (double)Split(DecodeSequences, groups) / DecodeSequences;
        return new BatchShape(
            (int)Math.Ceiling(prompts * PrefillTokens),
            Split(PrefillSequences, groups),
            prompts * PrefillPairs,
            prompts * PrefillKvTokens,
            Split(PrefillsCompleted, groups),
            Split(DecodeSequences, groups),
            decoding * DecodeKvTokens);
    }

    private static int Split(int count, int groups) => (count + groups - 1) / groups;
}
