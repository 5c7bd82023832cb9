using System.Runtime.CompilerServices;

namespace Tuner.Env.Costs;

/// <summary>The kernels of one pass through (a stage of) a transformer, on one GPU of a tensor-parallel group.</summary>
internal sealed class TransformerCost
{
    /// <summary>Small kernels timed on another GPU: an estimate.</summary>
    private const double ElementwiseSpread = 0.4;

    /// <summary>Eightieth percentile of leaving one size out, over the GPUs and engines calibrated, rounded up.</summary>
    private const double ReduceSpread = 0.06;

    private readonly RowCurve dense;
    private readonly LayerProduct[] products;
    private readonly RowCurve? experts;
    private readonly GemmTerm expertTerm;
    private readonly RowCurve elementwise;
    private readonly RowCurve? allReduce;
    private readonly Provenance reduceProvenance;
    private readonly LayerProduct head;
    private readonly AttentionTerm prefillTerm;
    private readonly AttentionTerm decodeTerm;
    private readonly PrefillCurve prefill;
    private readonly DecodeCurve decode;
    private readonly double layers;
    private readonly double arithmeticPerRow;
    private readonly double weightBytes;
    private readonly double bytesPerRow;
    private readonly double bytesPerCachedToken;
    private readonly RowCurve? expertBytes;
    private readonly double eagerLayer;

    public TransformerCost(EngineKernels engine, ModelSpec model, int tensor, int pipeline, GemmTerm attentionGemm, GemmTerm feedForward, bool kv8)
    {
        layers = Math.Ceiling((double)model.Layers / pipeline);
        double heads = Math.Ceiling((double)model.AttentionHeads / tensor);
        double kvHeads = Math.Ceiling((double)model.KvHeads / tensor); // replicated where there are fewer heads than GPUs
        double hidden = model.HiddenSize;
        double width = Math.Ceiling((double)model.IntermediateSize / tensor);
        IReadOnlyList<int> knots = RowCurve.Knots([attentionGemm, feedForward]);
        EngineOverheads overheads = engine.Overheads;
        var products = new List<LayerProduct>
        {
            new("qkv projection", attentionGemm, hidden, (heads + (2 * kvHeads)) * model.HeadDim, knots, overheads.LaunchSeconds),
            new("output projection", attentionGemm, heads * model.HeadDim, hidden, knots, overheads.LaunchSeconds),
        };
        if (model.Experts == 0)
        {
            products.Add(new LayerProduct("gate and up", feedForward, hidden, 2 * width, knots, overheads.LaunchSeconds));
            products.Add(new LayerProduct("down", feedForward, width, hidden, knots, overheads.LaunchSeconds));
        }

        this.products = [.. products];
        var experts = model.Experts == 0 ? null : new ExpertCost(feedForward, model, width);
        this.experts = experts is null ? null : new RowCurve(knots, experts.Seconds);
        expertTerm = feedForward;
        arithmeticPerRow = products.Sum(product => product.SecondsPerRow) + (experts?.SecondsPerRow ?? 0);

        // 16-bit elements read and written by two fused residual norms, the rotary embedding and the gated activation.
        double elementwise = 2.0 * ((2 * 4 * hidden) + (2 * (heads + kvHeads) * model.HeadDim) + (3 * width * Math.Max(1, model.ActiveExperts)));
        this.elementwise = new RowCurve(knots, rows => overheads.LayerSeconds + (rows * elementwise / overheads.ElementwiseBytesPerSecond));
        weightBytes = products.Sum(product => product.WeightBytes);
        bytesPerRow = products.Sum(product => product.BytesPerRow) + elementwise;
        bytesPerCachedToken = 2 * kvHeads * model.HeadDim * (kv8 ? 1 : 2);
        if (model.Experts > 0)
        {
            // Those a batch touches under uniform routing, as their time has it.
            double each = 3 * width * hidden * feedForward.Roofline.BytesPerWeight;
            expertBytes = new RowCurve(knots, rows => each * model.Experts * (1 - Math.Pow(1 - ((double)model.ActiveExperts / model.Experts), rows)));
        }

        CollectiveTerm? reduce = tensor > 1 ? engine.CollectiveFor(CollectiveOperation.AllReduce, tensor) : null;
        allReduce = reduce is null ? null : new RowCurve(knots, rows => 2 * reduce.At(2 * hidden * rows));
        reduceProvenance = reduce?.Provenance ?? Provenance.Analytic;
        eagerLayer = overheads.EagerLayerSeconds;
        dense = new RowCurve(knots, rows => this.products.Sum(product => product.Curve.At(rows)) + (experts?.Seconds(rows) ?? 0) + this.elementwise.At(rows) + (allReduce?.At(rows) ?? 0));

        GemmTerm sixteen = engine.Products(KernelPrecision.Bf16);
        head = new LayerProduct("output head", sixteen, hidden, Math.Ceiling((double)model.VocabularySize / tensor), RowCurve.Knots([sixteen]), 0);
        int bits = kv8 ? 8 : 16;
        prefillTerm = engine.AttentionFor(AttentionPhase.Prefill, bits, model.HeadDim);
        decodeTerm = engine.AttentionFor(AttentionPhase.Decode, bits, model.HeadDim);
        prefill = new PrefillCurve(prefillTerm, heads, kvHeads);
        decode = new DecodeCurve(decodeTerm, heads, kvHeads, overheads.LaunchSeconds);
    }

    /// <summary>Seconds the host takes to launch a pass kernel by kernel.</summary>
    public double LaunchSeconds => layers * eagerLayer;

    /// <summary>Seconds of one pass over a stage's layers and, for sampled rows, the output projection.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="tokens">Rows of the layers' products.</param>
    /// <param name="sampled">Rows of the output projection.</param>
    /// <param name="work">Grows by what the kernels have to do.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Pass(in BatchShape batch, double tokens, double sampled, ref StepWork work)
    {
        double perLayer = dense.At(tokens);
        double arithmeticPerLayer = arithmeticPerRow * tokens;
        double bytesPerLayer = weightBytes + (bytesPerRow * tokens) + (expertBytes?.At(tokens) ?? 0);
        if (batch.PrefillTokens > 0)
        {
            perLayer += prefill.At(batch.PrefillPairs, batch.PrefillTokens);
            arithmeticPerLayer += prefill.ArithmeticSeconds(batch.PrefillPairs);
        }

        // A sequence that verifies several tokens reads its cache once for all of them.
        if (batch.DecodeSequences > 0)
        {
            perLayer += decode.At(batch.DecodeSequences, batch.DecodeKvTokens);
            bytesPerLayer += bytesPerCachedToken * batch.DecodeKvTokens;
        }

        work += new StepWork(layers * arithmeticPerLayer, layers * bytesPerLayer);
        if (sampled <= 0)
            return layers * perLayer;
        work += new StepWork(sampled * head.SecondsPerRow, head.WeightBytes);
        return (layers * perLayer) + head.Curve.At(sampled);
    }

    /// <summary>The parts of <see cref="Pass"/>.</summary>
    public IEnumerable<CostTerm> Explain(BatchShape batch, double tokens, double sampled)
    {
        foreach (LayerProduct product in products)
            yield return product.Explain(tokens, layers);
        if (experts is not null)
            yield return new CostTerm("experts", layers * experts.At(tokens), Provenance.Analytic, ExpertCost.Spread, expertTerm.Residuals is null ? 1 : 0);
        yield return new CostTerm("norms and activation", layers * elementwise.At(tokens), Provenance.Analytic, ElementwiseSpread, 0);
        if (allReduce is not null)
            yield return new CostTerm("all-reduce", layers * allReduce.At(tokens), reduceProvenance, ReduceSpread, 0);
        if (batch.PrefillTokens > 0)
            yield return new CostTerm("prefill attention", layers * prefill.At(batch.PrefillPairs, batch.PrefillTokens), prefillTerm.Provenance, prefillTerm.Spread, 0);
        if (batch.DecodeSequences > 0)
            yield return new CostTerm("decode attention", layers * decode.At(batch.DecodeSequences, batch.DecodeKvTokens), decodeTerm.Provenance, decodeTerm.Spread, decode.OctavesOutside(batch.DecodeSequences, batch.DecodeKvTokens));
        if (sampled > 0)
            yield return head.Explain(sampled, 1);
    }

    /// <summary>Cached tokens at which the time of decoding stops being affine in them.</summary>
    public double NextBend(in BatchShape batch) => decode.NextBend(batch.DecodeSequences, batch.DecodeKvTokens);
}
