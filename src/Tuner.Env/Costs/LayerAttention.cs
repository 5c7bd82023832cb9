namespace Tuner.Env.Costs;

/// <summary>Attention of the layers of one kind: all of a model's, or those with and those without a sliding window.</summary>
internal sealed class LayerAttention
{
    private readonly string suffix;
    private readonly AttentionTerm prefillTerm;
    private readonly AttentionTerm decodeTerm;
    private readonly double kvHeads;

    private LayerAttention(string suffix, double share, AttentionTerm prefillTerm, AttentionTerm decodeTerm, double heads, double kvHeads, double launchSeconds)
    {
        this.suffix = suffix;
        this.prefillTerm = prefillTerm;
        this.decodeTerm = decodeTerm;
        Share = share;
        this.kvHeads = kvHeads;
        Prefill = new PrefillCurve(prefillTerm, heads, kvHeads);
        Decode = new DecodeCurve(decodeTerm, heads, kvHeads, launchSeconds);
    }

    /// <summary>Share of the layers.</summary>
    public double Share { get; }

    /// <summary>Seconds of prompts in one layer.</summary>
    public PrefillCurve Prefill { get; }

    /// <summary>Seconds of decoding in one layer.</summary>
    public DecodeCurve Decode { get; }

    /// <summary>Bytes of keys and values that decoding reads in one layer.</summary>
    public double CachedBytes(double sequences, double kvTokens) => decodeTerm.CachedBytes(kvHeads, sequences, kvTokens / sequences);

    /// <summary>The kinds of attention a model has, on one GPU.</summary>
    public static LayerAttention[] Of(EngineKernels engine, ModelSpec model, double heads, double kvHeads, int bits)
    {
        double launch = engine.Overheads.LaunchSeconds;
        AttentionTerm prefill = engine.AttentionFor(AttentionPhase.Prefill, bits, model.HeadDim);
        AttentionTerm decode = engine.AttentionFor(AttentionPhase.Decode, bits, model.HeadDim);
        if (model.Latent is { } latent)
            return [new LayerAttention("", 1, latent.Prefill(prefill), latent.Decode(decode, prefill.Rate, heads, bits), heads, 1, launch)];
        double windowed = (double)model.WindowLayers / model.Layers;
        if (windowed == 0)
            return [new LayerAttention("", 1, prefill, decode, heads, kvHeads, launch)];
        AttentionTerm near = engine.AttentionFor(AttentionPhase.Prefill, bits, model.HeadDim, model.Window);
        AttentionTerm nearDecode = engine.AttentionFor(AttentionPhase.Decode, bits, model.HeadDim, model.Window);
        var window = new LayerAttention(" (window)", windowed, Through(near), Through(nearDecode), heads, kvHeads, launch);
        return windowed == 1 ? [window] : [new LayerAttention("", 1 - windowed, prefill, decode, heads, kvHeads, launch), window];

        // A window nobody measured: the roofline of full attention, cut off at the window.
        AttentionTerm Through(AttentionTerm term) =>
            term.Window == model.Window ? term : term with { Window = model.Window, Residuals = null, Heads = [], Provenance = Provenance.Analytic };
    }

    /// <summary>Its part of a step that processes prompts.</summary>
    public CostTerm ExplainPrefill(in BatchShape batch, double layers) =>
        new($"prefill attention{suffix}", layers * Share * Prefill.At(batch.PrefillPairs, batch.PrefillTokens), prefillTerm.Provenance, prefillTerm.Spread, 0);

    /// <summary>Its part of a step that decodes.</summary>
    public CostTerm ExplainDecode(in BatchShape batch, double layers) =>
        new($"decode attention{suffix}", layers * Share * Decode.At(batch.DecodeSequences, batch.DecodeKvTokens), decodeTerm.Provenance, decodeTerm.Spread, Decode.OctavesOutside(batch.DecodeSequences, batch.DecodeKvTokens));
}
