namespace Tuner.Env.Costs;

/// <summary>How long one attention kernel takes: time = floor + work / rate, times what measurements add.</summary>
/// <param name="Phase">Prefill, whose work is 4 · heads · width floating-point operations a query–key pair, or decode, whose work is the bytes of keys and values read.</param>
/// <param name="KvBits">Bits of a cached element.</param>
/// <param name="HeadDim">Width of a head.</param>
/// <param name="Window">Sliding window in tokens; 0 is full attention.</param>
/// <param name="Provenance">What the times rest on.</param>
/// <param name="Rate">Operations or bytes a second.</param>
/// <param name="FloorSeconds">Time of a call with next to no work.</param>
/// <param name="Heads">The head layouts measured, query heads and KV heads on one GPU: the first axis of <paramref name="Residuals"/> holds their indices.</param>
/// <param name="Residuals">What measurements add: layout × sequences × tokens of each. Null where only the roofline is known.</param>
/// <param name="Spread">Eightieth percentile of |log(predicted / measured)| where a measured node is left out and predicted from its neighbours.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record AttentionTerm(
    AttentionPhase Phase,
    int KvBits,
    int HeadDim,
    int Window,
    Provenance Provenance,
    double Rate,
    double FloorSeconds,
    IReadOnlyList<HeadLayout> Heads,
    ResidualGrid? Residuals,
    double Spread,
    string Source)
{
    /// <summary>Roofline seconds of sequences of one length.</summary>
    /// <param name="heads">Query heads on one GPU.</param>
    /// <param name="kvHeads">KV heads on one GPU.</param>
    /// <param name="sequences">Sequences; may be fractional.</param>
    /// <param name="tokens">Prompt tokens, or cached tokens, of each.</param>
    public double Roofline(double heads, double kvHeads, double sequences, double tokens)
    {
        double seen = Window > 0 ? Math.Min(tokens, Window) : tokens;
        double work = Phase == AttentionPhase.Prefill
            ? 4 * heads * HeadDim * sequences * Pairs(tokens, seen)
            : CachedBytes(kvHeads, sequences, tokens);
        return FloorSeconds + (work / Rate);
    }

    /// <summary>Bytes of keys and values of sequences of one length, those outside the window left out.</summary>
    public double CachedBytes(double kvHeads, double sequences, double tokens) =>
        2 * kvHeads * HeadDim * (KvBits / 8.0) * sequences * (Window > 0 ? Math.Min(tokens, Window) : tokens);

    /// <summary>Query–key pairs under a causal mask that looks back at most <paramref name="seen"/> tokens.</summary>
    private static double Pairs(double tokens, double seen) => (seen * (seen + 1) / 2) + ((tokens - seen) * seen);
}
