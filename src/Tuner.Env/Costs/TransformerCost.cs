namespace Tuner.Env.Costs;

/// <summary>The kernels of one pass through (a stage of) a transformer, on one GPU of a tensor-parallel group.</summary>
internal sealed class TransformerCost
{
    private readonly GemmCost qkv;
    private readonly GemmCost output;
    private readonly GemmCost gateUp;
    private readonly GemmCost down;
    private readonly GemmCost head;
    private readonly double layers;
    private readonly double attentionFlopsPerPair;
    private readonly double prefillFlopsPerSecond;
    private readonly double prefillOverhead;
    private readonly double decodeOverhead;
    private readonly double secondsPerKvToken;
    private readonly double reduceLatency;
    private readonly double reduceSecondsPerToken;
    private readonly double layerOverhead;

    public TransformerCost(HardwareProfile profile, ModelSpec model, int tensor, int pipeline, GemmFit attentionGemm, GemmFit feedForward, bool kv8)
    {
        layers = Math.Ceiling((double)model.Layers / pipeline);
        double heads = Math.Ceiling((double)model.AttentionHeads / tensor);
        double kvHeads = Math.Ceiling((double)model.KvHeads / tensor); // replicated where there are fewer heads than GPUs
        double hidden = model.HiddenSize;
        double width = Math.Ceiling((double)model.IntermediateSize / tensor) * Math.Max(1, model.ActiveExperts);
        qkv = new GemmCost(attentionGemm, hidden, (heads + (2 * kvHeads)) * model.HeadDim);
        output = new GemmCost(attentionGemm, heads * model.HeadDim, hidden);
        gateUp = new GemmCost(feedForward, hidden, 2 * width);
        down = new GemmCost(feedForward, width, hidden);
        head = new GemmCost(profile.Bf16, hidden, Math.Ceiling((double)model.VocabularySize / tensor));
        attentionFlopsPerPair = 4 * heads * model.HeadDim;
        prefillFlopsPerSecond = profile.Attention.PrefillFlopsPerSecond;
        prefillOverhead = profile.Attention.PrefillOverheadSeconds;
        decodeOverhead = kv8 ? profile.Attention.DecodeOverheadSeconds8 : profile.Attention.DecodeOverheadSeconds16;
        double bytesPerElement = kv8 ? 1 : 2;
        double bandwidth = kv8 ? profile.Attention.DecodeBytesPerSecond8 : profile.Attention.DecodeBytesPerSecond16;
        secondsPerKvToken = 2 * kvHeads * model.HeadDim * bytesPerElement / bandwidth;
        if (tensor > 1)
        {
            CollectiveFit reduce = profile.AllReduce.Where(fit => fit.Gpus >= tensor).MinBy(fit => fit.Gpus) ?? profile.AllReduce[^1];
            reduceLatency = 2 * reduce.LatencySeconds;
            reduceSecondsPerToken = 2 * 2 * hidden / reduce.BytesPerSecond;
        }

        layerOverhead = profile.LayerOverheadSeconds;
    }

    /// <summary>Seconds of one pass over a stage's layers and, for sampled rows, the output projection.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="tokens">Rows of the layers' products.</param>
    /// <param name="sampled">Rows of the output projection.</param>
    /// <param name="queriesPerSequence">Query tokens of each decoding sequence; its cache is read once for all.</param>
    /// <param name="arithmetic">Grows by the seconds arithmetic alone would take.</param>
    public double Pass(in BatchShape batch, double tokens, double sampled, int queriesPerSequence, ref double arithmetic)
    {
        double perLayer = layerOverhead + reduceLatency + (tokens * reduceSecondsPerToken);
        perLayer += qkv.Seconds(tokens) + output.Seconds(tokens) + gateUp.Seconds(tokens) + down.Seconds(tokens);
        double arithmeticPerLayer = (qkv.SecondsPerRow + output.SecondsPerRow + gateUp.SecondsPerRow + down.SecondsPerRow) * tokens;
        if (batch.PrefillTokens > 0)
        {
            double attention = batch.PrefillPairs * attentionFlopsPerPair / prefillFlopsPerSecond;
            perLayer += prefillOverhead + attention + (batch.PrefillKvTokens * secondsPerKvToken);
            arithmeticPerLayer += attention;
        }

        if (batch.DecodeSequences > 0)
        {
            double queries = (double)batch.DecodeSequences * (queriesPerSequence - 1);
            perLayer += decodeOverhead + (batch.DecodeKvTokens * secondsPerKvToken) + (queries * secondsPerKvToken);
        }

        arithmetic += layers * arithmeticPerLayer;
        return (layers * perLayer) + (sampled > 0 ? head.Seconds(sampled) : 0);
    }
}
