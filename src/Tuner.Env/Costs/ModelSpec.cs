namespace Tuner.Env.Costs;

/// <summary>The shape of a transformer language model. Sizes are counts of elements.</summary>
/// <param name="Name">The name scenarios use.</param>
/// <param name="Layers">Transformer layers.</param>
/// <param name="HiddenSize">Width of the residual stream.</param>
/// <param name="IntermediateSize">Width of the (gated) feed-forward layer; of one expert in a mixture.</param>
/// <param name="AttentionHeads">Query heads.</param>
/// <param name="KvHeads">Key/value heads (fewer than query heads under grouped-query attention).</param>
/// <param name="HeadDim">Width of a head.</param>
/// <param name="VocabularySize">Tokens in the vocabulary.</param>
/// <param name="Experts">Routed experts a layer; 0 for a dense model.</param>
/// <param name="ActiveExperts">Experts a token visits; 0 for a dense model.</param>
/// <param name="TiedEmbeddings">Whether the output projection is the embedding itself.</param>
public sealed record ModelSpec(
    string Name,
    int Layers,
    int HiddenSize,
    int IntermediateSize,
    int AttentionHeads,
    int KvHeads,
    int HeadDim,
    int VocabularySize,
    int Experts,
    int ActiveExperts,
    bool TiedEmbeddings)
{
    /// <summary>Width of the experts every token visits, together; 0 without any.</summary>
    public int SharedIntermediateSize { get; init; }

    /// <summary>Layers of a mixture that are dense all the same.</summary>
    public int DenseLayers { get; init; }

    /// <summary>Width of the feed-forward part of those.</summary>
    public int DenseIntermediateSize { get; init; }

    /// <summary>Tokens the layers with a sliding window look back; 0 where there are none.</summary>
    public int Window { get; init; }

    /// <summary>Layers with a sliding window.</summary>
    public int WindowLayers { get; init; }

    /// <summary>
    /// Whether queries and keys are normalised over all heads at once: tensor-parallel GPUs then sum their shares of the variance, one more small
    /// all-reduce a layer (vLLM, <c>MiniMaxText01RMSNormTP</c>).
    /// </summary>
    public bool NormsAcrossHeads { get; init; }

    /// <summary>Compressed keys and values; null for ordinary heads.</summary>
    public LatentAttention? Latent { get; init; }

    /// <summary>Format a checkpoint fixes for its experts, whatever the rest is served in; null where it follows the rest.</summary>
    /// <value>MXFP4 for gpt-oss; FP8 in blocks applies where 8 bits are asked for.</value>
    public KernelPrecision? ExpertFormat { get; init; }

    /// <summary>Layers whose cache grows with the context; where every layer has a window, all of them are counted as if they grew.</summary>
    public int GrowingLayers => WindowLayers < Layers ? Layers - WindowLayers : Layers;

    /// <summary>KV cache elements a token takes in one layer: keys and values of every head, or their compression.</summary>
    public long KvElementsPerLayer => Latent?.CachedElements ?? 2L * KvHeads * HeadDim;

    /// <summary>KV cache elements a token takes: in every layer that keeps all tokens. What a window keeps does not grow with the context.</summary>
    public long KvElementsPerToken => GrowingLayers * KvElementsPerLayer;

    /// <summary>Weights of the attention projections of one layer: query, key, value and output.</summary>
    public long AttentionWeightsPerLayer => Latent?.Weights(HiddenSize, AttentionHeads) ?? (long)HiddenSize * HeadDim * ((2L * AttentionHeads) + (2L * KvHeads));

    /// <summary>Weights of the routed experts of one layer, mean over all layers: gate, up and down of each.</summary>
    public long ExpertWeightsPerLayer => Experts == 0 ? 0 : 3L * HiddenSize * IntermediateSize * Experts * (Layers - DenseLayers) / Layers;

    /// <summary>Weights of the feed-forward part of one layer, mean over all layers: gate, up and down, times the experts.</summary>
    public long FeedForwardWeightsPerLayer => Experts == 0
        ? 3L * HiddenSize * IntermediateSize
        : ExpertWeightsPerLayer + (3L * HiddenSize * (((long)SharedIntermediateSize * (Layers - DenseLayers)) + ((long)DenseIntermediateSize * DenseLayers)) / Layers);

    /// <summary>Weights of the embedding and the output projection together.</summary>
    public long EmbeddingWeights => (TiedEmbeddings ? 1L : 2L) * HiddenSize * VocabularySize;

    /// <summary>All weights; norms and biases, far below a thousandth, are left out.</summary>
    public long Weights => (Layers * (AttentionWeightsPerLayer + FeedForwardWeightsPerLayer)) + EmbeddingWeights;
}
