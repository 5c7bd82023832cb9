namespace Tuner.Kernels.Reference;

/// <summary>The heads of an attention layer.</summary>
/// <param name="Heads">Query heads, a multiple of <paramref name="KvHeads"/>.</param>
/// <param name="KvHeads">Key/value heads; query head h reads key/value head h / (Heads / KvHeads).</param>
/// <param name="HeadDim">Width of a head.</param>
public readonly record struct AttentionShape(int Heads, int KvHeads, int HeadDim)
{
    /// <summary>Query heads that share a key/value head.</summary>
    public int Group => Heads / KvHeads;

    /// <summary>What scores are multiplied by: 1/√HeadDim (Vaswani et al., arXiv:1706.03762, section 3.2.1).</summary>
    internal float Scale => 1 / MathF.Sqrt(HeadDim);

    /// <summary>The head's width in whole panels; what is beyond it is zero.</summary>
    internal int PaddedDim => Panel.RoundUp(HeadDim);

    /// <summary>Throws unless the heads divide evenly and nothing is empty.</summary>
    internal void Validate()
    {
        if (KvHeads < 1 || HeadDim < 1 || Heads < KvHeads || Heads % KvHeads != 0)
            throw new ArgumentException($"{Heads} query heads over {KvHeads} key/value heads of width {HeadDim}; query heads are a multiple of key/value heads, and none is 0.");
    }
}
