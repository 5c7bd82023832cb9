namespace Tuner.Env.Costs;

/// <summary>The kernels of one pass through (a stage of) a transformer, on one GPU of a tensor-parallel group.</summary>
internal sealed class TransformerCost
{
    private readonly RowCurve dense;
    private readonly RowCurve head;
    private readonly PrefillCurve prefill;
    private readonly DecodeCurve decode;
    private readonly double layers;
    private readonly double arithmeticPerRow;
    private readonly double eagerLayer;

    public TransformerCost(EngineKernels engine, ModelSpec model, int tensor, int pipeline, GemmTerm attentionGemm, GemmTerm feedForward, bool kv8)
    {
        layers = Math.Ceiling((double)model.Layers / pipeline);
        double heads = Math.Ceiling((double)model.AttentionHeads / tensor);
        double kvHeads = Math.Ceiling((double)model.KvHeads / tensor); // replicated where there are fewer heads than GPUs
        double hidden = model.HiddenSize;
        double width = Math.Ceiling((double)model.IntermediateSize / tensor) * Math.Max(1, model.ActiveExperts);
        var qkv = new GemmCurve(attentionGemm, hidden, (heads + (2 * kvHeads)) * model.HeadDim);
        var output = new GemmCurve(attentionGemm, heads * model.HeadDim, hidden);
        var gateUp = new GemmCurve(feedForward, hidden, 2 * width);
        var down = new GemmCurve(feedForward, width, hidden);
        arithmeticPerRow = qkv.SecondsPerRow + output.SecondsPerRow + gateUp.SecondsPerRow + down.SecondsPerRow;

        // 16-bit elements read and written by two fused residual norms, the rotary embedding and the gated activation.
        double elementwise = 2.0 * ((2 * 4 * hidden) + (2 * (heads + kvHeads) * model.HeadDim) + (3 * width));
        CollectiveTerm? reduce = tensor > 1 ? engine.CollectiveFor(CollectiveOperation.AllReduce, tensor) : null;
        EngineOverheads overheads = engine.Overheads;
        IReadOnlyList<int> knots = RowCurve.Knots([attentionGemm, feedForward]);
        eagerLayer = overheads.EagerLayerSeconds;
        dense = new RowCurve(knots, rows =>
            Captured(qkv, rows) + Captured(output, rows) + Captured(gateUp, rows) + Captured(down, rows)
            + overheads.LayerSeconds + (rows * elementwise / overheads.ElementwiseBytesPerSecond)
            + (reduce is null ? 0 : 2 * reduce.At(2 * hidden * rows)));

        GemmTerm sixteen = engine.Products(KernelPrecision.Bf16);
        var vocabulary = new GemmCurve(sixteen, hidden, Math.Ceiling((double)model.VocabularySize / tensor));
        head = new RowCurve(RowCurve.Knots([sixteen]), vocabulary.At);
        int bits = kv8 ? 8 : 16;
        prefill = new PrefillCurve(engine.AttentionFor(AttentionPhase.Prefill, bits, model.HeadDim), heads, kvHeads);
        decode = new DecodeCurve(engine.AttentionFor(AttentionPhase.Decode, bits, model.HeadDim), heads, kvHeads, overheads.LaunchSeconds);

        double Captured(GemmCurve product, int rows)
        {
            double measured = product.At(rows);
            return rows > RowCurve.LargestCaptured ? measured : Math.Max(0.5 * measured, measured - overheads.LaunchSeconds);
        }
    }

    /// <summary>Seconds the host takes to launch a pass kernel by kernel.</summary>
    public double LaunchSeconds => layers * eagerLayer;

    /// <summary>Seconds of one pass over a stage's layers and, for sampled rows, the output projection.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="tokens">Rows of the layers' products.</param>
    /// <param name="sampled">Rows of the output projection.</param>
    /// <param name="arithmetic">Grows by the seconds arithmetic alone would take.</param>
    public double Pass(in BatchShape batch, double tokens, double sampled, ref double arithmetic)
    {
        double perLayer = dense.At(tokens);
        double arithmeticPerLayer = arithmeticPerRow * tokens;
        if (batch.PrefillTokens > 0)
        {
            perLayer += prefill.At(batch.PrefillPairs, batch.PrefillTokens);
            arithmeticPerLayer += prefill.ArithmeticSeconds(batch.PrefillPairs);
        }

        // A sequence that verifies several tokens reads its cache once for all of them.
        if (batch.DecodeSequences > 0)
            perLayer += decode.At(batch.DecodeSequences, batch.DecodeKvTokens);
        arithmetic += layers * arithmeticPerLayer;
        return (layers * perLayer) + (sampled > 0 ? head.At(sampled) : 0);
    }

    /// <summary>Cached tokens at which the time of decoding stops being affine in them.</summary>
    public double NextBend(in BatchShape batch) => decode.NextBend(batch.DecodeSequences, batch.DecodeKvTokens);
}
