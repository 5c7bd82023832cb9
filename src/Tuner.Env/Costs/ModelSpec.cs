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
    /// <summary>KV cache elements a token takes: keys and values of every layer.</summary>
    public long KvElementsPerToken => 2L * Layers * KvHeads * HeadDim;

    /// <summary>Weights of the attention projections of one layer: query, key, value and output.</summary>
    public long AttentionWeightsPerLayer => (long)HiddenSize * HeadDim * ((2L * AttentionHeads) + (2L * KvHeads));

    /// <summary>Weights of the feed-forward part of one layer: gate, up and down, times the experts.</summary>
    public long FeedForwardWeightsPerLayer => 3L * HiddenSize * IntermediateSize * Math.Max(1, Experts);

    /// <summary>Weights of the embedding and the output projection together.</summary>
    public long EmbeddingWeights => (TiedEmbeddings ? 1L : 2L) * HiddenSize * VocabularySize;

    /// <summary>All weights; norms and biases, far below a thousandth, are left out.</summary>
    public long Weights => (Layers * (AttentionWeightsPerLayer + FeedForwardWeightsPerLayer)) + EmbeddingWeights;
}
