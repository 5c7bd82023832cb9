namespace Tuner.Kernels.Reference;

/// <summary>Attention as its definition reads, in double precision: what the tiled kernels are tested against.</summary>
public static class NaiveAttention
{
    /// <summary>Each query attends to the first keys of a sequence.</summary>
    /// <param name="shape">The heads.</param>
    /// <param name="query">[queries, heads, headDim].</param>
    /// <param name="key">[tokens, kvHeads, headDim].</param>
    /// <param name="value">[tokens, kvHeads, headDim].</param>
    /// <param name="visible">How many tokens each query sees: its number + 1 in a prompt, all of them in decoding.</param>
    /// <param name="output">Receives [queries, heads, headDim].</param>
    public static void Attend(AttentionShape shape, ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, ReadOnlySpan<int> visible, Span<float> output)
    {
        shape.Validate();
        for (int i = 0; i < visible.Length; i++)
        {
            for (int head = 0; head < shape.Heads; head++)
            {
                int at = ((i * shape.Heads) + head) * shape.HeadDim;
                One(shape, query.Slice(at, shape.HeadDim), key, value, head / shape.Group, visible[i], output.Slice(at, shape.HeadDim));
            }
        }
    }

    private static void One(AttentionShape shape, ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, int head, int visible, Span<float> output)
    {
        double[] weights = new double[visible];
        for (int j = 0; j < visible; j++)
        {
            ReadOnlySpan<float> row = key.Slice(((j * shape.KvHeads) + head) * shape.HeadDim, shape.HeadDim);
            double dot = 0;
            for (int d = 0; d < shape.HeadDim; d++)
                dot += (double)query[d] * row[d];
            weights[j] = dot / Math.Sqrt(shape.HeadDim);
        }

        double largest = weights.Max();
        for (int j = 0; j < visible; j++)
            weights[j] = Math.Exp(weights[j] - largest);
        double sum = weights.Sum();
        for (int d = 0; d < shape.HeadDim; d++)
        {
            double mixed = 0;
            for (int j = 0; j < visible; j++)
                mixed += weights[j] * value[(((j * shape.KvHeads) + head) * shape.HeadDim) + d];
            output[d] = (float)(mixed / sum);
        }
    }
}
