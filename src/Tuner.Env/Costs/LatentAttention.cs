namespace Tuner.Env.Costs;

/// <summary>Multi-head latent attention: keys and values are kept as one compressed vector a token (DeepSeek-V2, arXiv:2405.04434, §2.1).</summary>
/// <param name="QueryRank">Width queries are compressed to; 0 where they are not.</param>
/// <param name="KvRank">Width keys and values are compressed to.</param>
/// <param name="RotaryWidth">Rotated part of a key, shared by all heads.</param>
/// <param name="KeyWidth">Part of a head's key that is not rotated.</param>
/// <param name="ValueWidth">Width of a head's value.</param>
public sealed record LatentAttention(int QueryRank, int KvRank, int RotaryWidth, int KeyWidth, int ValueWidth)
{
    /// <summary>Elements a cached token takes in one layer, the same on every GPU.</summary>
    public int CachedElements => KvRank + RotaryWidth;

    /// <summary>Weights of the projections of one layer.</summary>
    /// <param name="hidden">Width of the residual stream.</param>
    /// <param name="heads">Query heads.</param>
    public long Weights(long hidden, long heads)
    {
        long query = QueryRank == 0 ? hidden * heads * (KeyWidth + RotaryWidth) : QueryRank * (hidden + (heads * (KeyWidth + RotaryWidth)));
        return query + (hidden * CachedElements) + (KvRank * heads * (KeyWidth + ValueWidth)) + (heads * ValueWidth * hidden);
    }

    /// <summary>Decode attention by formula: heads share one key of <see cref="CachedElements"/>, whose first part is the value too.</summary>
    /// <param name="measured">Decode attention of ordinary heads on this GPU: its bandwidth and floor are reached here as well.</param>
    /// <param name="flopsPerSecond">Arithmetic rate reached by prefill attention.</param>
    /// <param name="heads">Query heads on one GPU.</param>
    /// <param name="bits">Bits of a cached element.</param>
    public AttentionTerm Decode(AttentionTerm measured, double flopsPerSecond, double heads, int bits)
    {
        // With 128 heads a cached byte is worth some 240 operations, near the ridge: reading and computing round the corner together.
        double operations = 2 * heads * (CachedElements + KvRank) / (CachedElements * bits / 8.0);
        double rate = 1 / double.Hypot(1 / measured.Rate, operations / flopsPerSecond);
        return new AttentionTerm(AttentionPhase.Decode, bits, CachedElements / 2, 0, Provenance.Analytic, rate, measured.FloorSeconds, [], null, Spread, "latent attention: bytes and operations at the rates of ordinary heads");
    }

    /// <summary>Prefill attention by formula: keys and values are expanded, so heads of different width for keys and values.</summary>
    /// <param name="measured">Prefill attention of ordinary heads on this GPU.</param>
    public AttentionTerm Prefill(AttentionTerm measured) =>
        new(AttentionPhase.Prefill, measured.KvBits, (KeyWidth + RotaryWidth + ValueWidth) / 2, 0, Provenance.Analytic, measured.Rate, measured.FloorSeconds, [], null, Spread, "latent attention: operations at the rate of ordinary heads");

    /// <summary>No measurement was compared with: a band of a third is an estimate.</summary>
    private const double Spread = 0.33;
}
