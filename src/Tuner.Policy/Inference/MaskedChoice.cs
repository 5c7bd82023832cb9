namespace Tuner.Policy.Inference;

/// <summary>Chooses one value a head from logits, never a masked one.</summary>
public static class MaskedChoice
{
    /// <summary>The likeliest allowed value of each head; the first where several tie.</summary>
    public static void Greedy(ReadOnlySpan<float> logits, ReadOnlySpan<int> headSizes, ReadOnlySpan<bool> mask, Span<int> action)
    {
        int offset = 0;
        for (int head = 0; head < headSizes.Length; head++)
        {
            int best = -1;
            for (int value = 0; value < headSizes[head]; value++)
            {
                if (mask[offset + value] && (best < 0 || logits[offset + value] > logits[offset + best]))
                    best = value;
            }

            action[head] = Math.Max(0, best);
            offset += headSizes[head];
        }
    }

    /// <summary>Draws each head from its masked softmax.</summary>
    /// <param name="logits">One a value.</param>
    /// <param name="headSizes">Values of each head.</param>
    /// <param name="mask">Which values are allowed.</param>
    /// <param name="uniforms">One number in [0, 1) a head.</param>
    /// <param name="action">Receives the values.</param>
    /// <returns>The joint log-probability: the sum over heads.</returns>
    public static float Sample(ReadOnlySpan<float> logits, ReadOnlySpan<int> headSizes, ReadOnlySpan<bool> mask, ReadOnlySpan<double> uniforms, Span<int> action)
    {
        double total = 0;
        int offset = 0;
        for (int head = 0; head < headSizes.Length; head++)
        {
            double max = double.NegativeInfinity;
            for (int value = 0; value < headSizes[head]; value++)
            {
                if (mask[offset + value])
                    max = Math.Max(max, logits[offset + value]);
            }

            double sum = 0;
            for (int value = 0; value < headSizes[head]; value++)
                sum += mask[offset + value] ? Math.Exp(logits[offset + value] - max) : 0;
            double left = uniforms[head] * sum;
            int chosen = -1;
            for (int value = 0; value < headSizes[head]; value++)
            {
                if (!mask[offset + value])
                    continue;
                chosen = value;
                left -= Math.Exp(logits[offset + value] - max);
                if (left < 0)
                    break;
            }

            action[head] = chosen;
            total += logits[offset + chosen] - max - Math.Log(sum);
            offset += headSizes[head];
        }

        return (float)total;
    }
}
