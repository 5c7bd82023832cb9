using System.Runtime.CompilerServices;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Costs;

/// <summary>The kernels of one pass through (a stage of) a transformer, on one GPU of a tensor-parallel group.</summary>
internal sealed class TransformerCost
{
    /// <summary>Small kernels timed on another GPU: an estimate.</summary>
    private const double ElementwiseSpread = 0.4;

    /// <summary>Nobody measured these experts: a band of a third is an estimate.</summary>
    private const double AnalyticSpread = 0.33;

    private readonly EngineKernels kernels;
    private readonly RowCurve dense;
    private readonly LayerProduct[] products;
    private readonly ExpertCost? experts;
    private readonly RowCurve? expertSeconds;
    private readonly double expertShare;
    private readonly bool grouped;
    private readonly RowCurve elementwise;
    private readonly RowCurve? allReduce;
    private readonly Provenance reduceProvenance;
    private readonly RowCurve? dispatch;
    private readonly LayerProduct head;
    private readonly LayerAttention[] attention;
    private readonly double layers;
    private readonly double arithmeticPerRow;
    private readonly double weightBytes;
    private readonly double bytesPerRow;
    private readonly RowCurve? expertBytes;
    private readonly double eagerLayer;

    public TransformerCost(EngineKernels engine, EngineSpec spec)
    {
        kernels = engine;
        ModelSpec model = spec.Model;
        GemmTerm attentionGemm = engine.Products(spec.AttentionWeights);
        GemmTerm feedForward = spec.Precision == PrecisionMode.Fp8Fp4 ? engine.Products(KernelPrecision.NvFp4) : attentionGemm;
        int tensor = spec.TensorParallel;
        grouped = spec.DataParallel > 1;
        layers = Math.Ceiling((double)model.Layers / spec.PipelineParallel);
        double heads = Math.Ceiling((double)model.AttentionHeads / tensor);
        double kvHeads = Math.Ceiling((double)model.KvHeads / tensor); // replicated where there are fewer heads than GPUs
        double hidden = model.HiddenSize;
        GemmTerm sixteen = engine.Products(KernelPrecision.Bf16);
        IReadOnlyList<int> knots = RowCurve.Knots([attentionGemm, feedForward]);
        EngineOverheads overheads = engine.Overheads;
        LayerProduct Product(string name, GemmTerm term, double inputs, double outputs, double share = 1) =>
            new(name, term, inputs, outputs, knots, overheads.LaunchSeconds, share);

        var products = new List<LayerProduct>();
        double activated = 0;
        if (model.Latent is { } latent)
        {
            if (latent.QueryRank > 0)
                products.Add(Product("query compression", attentionGemm, hidden, latent.QueryRank));
            products.Add(Product("query projection", attentionGemm, latent.QueryRank > 0 ? latent.QueryRank : hidden, heads * (latent.KeyWidth + latent.RotaryWidth)));
            products.Add(Product("key and value compression", attentionGemm, hidden, latent.CachedElements));
            products.Add(Product("key and value projection", attentionGemm, latent.KvRank, heads * (latent.KeyWidth + latent.ValueWidth)));
            products.Add(Product("output projection", attentionGemm, heads * latent.ValueWidth, hidden));
        }
        else
        {
            products.Add(Product("qkv projection", attentionGemm, hidden, (heads + (2 * kvHeads)) * model.HeadDim));
            products.Add(Product("output projection", attentionGemm, heads * model.HeadDim, hidden));
        }

        if (model.Experts == 0)
            FeedForward("", model.IntermediateSize, 1);
        if (model.Experts > 0)
        {
            expertShare = 1 - ((double)model.DenseLayers / model.Layers);
            products.Add(Product("router", sixteen, hidden, model.Experts, expertShare));
            if (model.SharedIntermediateSize > 0)
                FeedForward("shared ", model.SharedIntermediateSize, expertShare);
            if (model.DenseLayers > 0)
                FeedForward("dense ", model.DenseIntermediateSize, 1 - expertShare);
            int width = (int)Math.Ceiling((double)model.IntermediateSize * spec.ExpertParallel / (tensor * spec.DataParallel));
            experts = new ExpertCost(engine.ExpertsOf(spec.ExpertWeights, AnalyticSpread), new ExpertLayout(model.HiddenSize, width, model.ActiveExperts, model.Experts, spec.ExpertParallel), spec.RoutingSkew);
            expertSeconds = new RowCurve(knots, rows => experts.Seconds(rows));
            expertBytes = new RowCurve(knots, rows => experts.Bytes(rows));
        }

        this.products = [.. products];
        arithmeticPerRow = products.Sum(product => product.SecondsPerRow) + (expertShare * spec.DataParallel * (experts?.SecondsPerRow ?? 0));

        // 16-bit elements read and written by two fused residual norms, the rotary embedding and the gated activation.
        double elementwise = 2.0 * ((2 * 4 * hidden) + (2 * (heads + kvHeads) * model.HeadDim) + (3 * activated));
        this.elementwise = new RowCurve(knots, rows => overheads.LayerSeconds + (rows * elementwise / overheads.ElementwiseBytesPerSecond));
        weightBytes = products.Sum(product => product.WeightBytes);
        bytesPerRow = products.Sum(product => product.BytesPerRow) + elementwise;
        CollectiveTerm? reduce = tensor > 1 ? engine.CollectiveFor(CollectiveOperation.AllReduce, tensor) : null;
        double variances = model.NormsAcrossHeads ? 2 * sizeof(float) : 0; // of a token's queries and of its keys
        allReduce = reduce is null ? null : new RowCurve(knots, rows => (2 * reduce.At(2 * hidden * rows)) + (variances > 0 ? reduce.At(variances * rows) : 0));
        reduceProvenance = reduce?.Provenance ?? Provenance.Analytic;
        dispatch = model.Experts > 0 ? Dispatch(engine, spec.DataParallel, hidden, knots) : null;
        eagerLayer = overheads.EagerLayerSeconds;
        dense = new RowCurve(knots, rows => this.products.Sum(product => product.Share * product.Curve.At(rows))
            + (grouped ? 0 : expertShare * (expertSeconds?.At(rows) ?? 0)) + this.elementwise.At(rows) + (allReduce?.At(rows) ?? 0));

        head = new LayerProduct("output head", sixteen, hidden, Math.Ceiling((double)model.VocabularySize / tensor), RowCurve.Knots([sixteen]), 0, 1);
        attention = LayerAttention.Of(engine, model, heads, kvHeads, spec.KvCompression ? 8 : 16);

        void FeedForward(string kind, int intermediate, double share)
        {
            double width = Math.Ceiling((double)intermediate / tensor);
            products.Add(Product($"{kind}gate and up", feedForward, hidden, 2 * width, share));
            products.Add(Product($"{kind}down", feedForward, width, hidden, share));
            activated += share * width;
        }
    }

    /// <summary>Seconds the host takes to launch a pass kernel by kernel.</summary>
    public double LaunchSeconds => layers * eagerLayer;

    /// <summary>Seconds of one pass over a stage's layers and, for sampled rows, the output projection.</summary>
    /// <param name="batch">The batch of the fullest attention group.</param>
    /// <param name="tokens">Rows of the layers' products.</param>
    /// <param name="everyone">Tokens of all groups together, which meet at the experts.</param>
    /// <param name="sampled">Rows of the output projection.</param>
    /// <param name="work">Grows by what the kernels have to do.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Pass(in BatchShape batch, double tokens, double everyone, double sampled, ref StepWork work)
    {
        double perLayer = dense.At(tokens);
        double arithmeticPerLayer = arithmeticPerRow * tokens;
        double bytesPerLayer = weightBytes + (bytesPerRow * tokens);
        if (expertBytes is not null)
            bytesPerLayer += expertShare * expertBytes.At(everyone);
        if (grouped && expertSeconds is not null)
            perLayer += expertShare * (expertSeconds.At(everyone) + dispatch!.At(everyone));
        double apart = 0;
        foreach (LayerAttention kind in attention)
        {
            if (batch.PrefillTokens > 0)
            {
                apart += kind.Share * kind.Prefill.At(batch.PrefillPairs, batch.PrefillTokens);
                arithmeticPerLayer += kind.Share * kind.Prefill.ArithmeticSeconds(batch.PrefillPairs);
            }

            // A sequence that verifies several tokens reads its cache once for all of them.
            if (batch.DecodeSequences > 0)
            {
                apart += kind.Share * kind.Decode.At(batch.DecodeSequences, batch.DecodeKvTokens);
                bytesPerLayer += kind.Share * kind.CachedBytes(batch.DecodeSequences, batch.DecodeKvTokens);
            }
        }

        perLayer += apart * Together(batch);
        work += new StepWork(layers * arithmeticPerLayer, layers * bytesPerLayer);
        if (sampled <= 0)
            return layers * perLayer;
        work += new StepWork(sampled * head.SecondsPerRow, head.WeightBytes);
        return (layers * perLayer) + head.Curve.At(sampled);
    }

    /// <summary>The parts of <see cref="Pass"/>.</summary>
    public IEnumerable<CostTerm> Explain(BatchShape batch, double tokens, double everyone, double sampled)
    {
        foreach (LayerProduct product in products)
            yield return product.Explain(tokens, layers);
        if (experts is not null)
            yield return experts.Explain(everyone, layers * expertShare * expertSeconds!.At(everyone));
        if (dispatch is not null)
            yield return new CostTerm("expert dispatch", layers * expertShare * dispatch.At(everyone), Provenance.Published, kernels.SpreadOf(CollectiveOperation.AllGather), 0);
        yield return new CostTerm("norms and activation", layers * elementwise.At(tokens), Provenance.Analytic, ElementwiseSpread, 0);
        if (allReduce is not null)
            yield return new CostTerm("all-reduce", layers * allReduce.At(tokens), reduceProvenance, kernels.SpreadOf(CollectiveOperation.AllReduce), 0);
        foreach (LayerAttention kind in attention)
        {
            if (batch.PrefillTokens > 0)
                yield return kind.ExplainPrefill(batch, layers);
            if (batch.DecodeSequences > 0)
                yield return kind.ExplainDecode(batch, layers);
        }

        if (Together(batch) is not 1 and var factor)
            yield return new CostTerm("attention of both at once", layers * (factor - 1) * attention.Sum(kind => kind.Share * (kind.Prefill.At(batch.PrefillPairs, batch.PrefillTokens) + kind.Decode.At(batch.DecodeSequences, batch.DecodeKvTokens))), Provenance.Published, kernels.Mixed!.Spread, 0);
        if (sampled > 0)
            yield return head.Explain(sampled, 1);
    }

    private double Together(in BatchShape batch) =>
        kernels.Mixed is { } mixed && batch.PrefillTokens > 0 && batch.DecodeSequences > 0 ? mixed.Factor(batch.PrefillTokens, batch.DecodeSequences, batch.DecodeKvTokens) : 1;

    /// <summary>Cached tokens at which the time of decoding stops being affine in them.</summary>
    public double NextBend(in BatchShape batch)
    {
        double bend = double.PositiveInfinity;
        foreach (LayerAttention kind in attention)
            bend = Math.Min(bend, kind.Decode.NextBend(batch.DecodeSequences, batch.DecodeKvTokens));
        return bend;
    }

    // Attention groups gather one another's tokens before the experts and scatter the sums back: vLLM's default for data-parallel attention
    // (all2all_backend allgather_reducescatter).
    private static RowCurve? Dispatch(EngineKernels engine, int groups, double hidden, IReadOnlyList<int> knots)
    {
        if (groups == 1)
            return null;
        CollectiveTerm gather = engine.CollectiveFor(CollectiveOperation.AllGather, groups) ?? throw Missing("all-gather");
        CollectiveTerm scatter = engine.CollectiveFor(CollectiveOperation.ReduceScatter, groups) ?? throw Missing("reduce-scatter");
        return new RowCurve(knots, rows => gather.At(2 * hidden * rows) + scatter.At(2 * hidden * rows));

        InvalidOperationException Missing(string what) => new($"{engine.Name} {engine.Version} has no measured {what}, which data-parallel attention needs.");
    }
}
