namespace Tuner.Policy.Inference;

/// <summary>Turns logits into one choice a head, among what the mask allows.</summary>
/// <remarks>
/// The heads are independent categorical distributions over their allowed values (Huang and Ontañón, arXiv:2006.14171);
/// a joint log-probability is the sum over heads. Heads may differ in size.
/// </remarks>
public static class MaskedChoice
{
    /// <summary>Chooses the allowed value with the largest logit of each head; the first of equals.</summary>
    /// <param name="logits">Head after head.</param>
    /// <param name="headSizes">Values of each head.</param>
    /// <param name="mask">Which values may be chosen, one entry a logit.</param>
    /// <param name="action">Receives one value a head.</param>
    /// <exception cref="ArgumentException">Lengths disagree, or a head allows nothing.</exception>
    public static void Greedy(ReadOnlySpan<float> logits, ReadOnlySpan<int> headSizes, ReadOnlySpan<bool> mask, Span<int> action)
    {
        Check(logits, headSizes, mask, action);
        int offset = 0;
        for (int head = 0; head < headSizes.Length; head++)
        {
            int best = -1;
            for (int value = 0; value < headSizes[head]; value++)
            {
                if (mask[offset + value] && (best < 0 || logits[offset + value] > logits[offset + best]))
                    best = value;
            }

            action[head] = best >= 0 ? best : throw NothingAllowed(head);
            offset += headSizes[head];
        }
    }

    /// <summary>Draws one allowed value a head.</summary>
    /// <param name="logits">Head after head.</param>
    /// <param name="headSizes">Values of each head.</param>
    /// <param name="mask">Which values may be chosen, one entry a logit.</param>
    /// <param name="uniforms">One number in [0, 1) a head.</param>
    /// <param name="action">Receives one value a head.</param>
    /// <returns>The joint log-probability of the choice.</returns>
    /// <exception cref="ArgumentException">Lengths disagree, or a head allows nothing.</exception>
    public static float Sample(
        ReadOnlySpan<float> logits, ReadOnlySpan<int> headSizes, ReadOnlySpan<bool> mask, ReadOnlySpan<double> uniforms, Span<int> action)
    {
        Check(logits, headSizes, mask, action);
        if (uniforms.Length != headSizes.Length)
            throw new ArgumentException($"{uniforms.Length} uniform numbers for {headSizes.Length} heads.", nameof(uniforms));
        double joint = 0;
        int offset = 0;
        for (int head = 0; head < headSizes.Length; head++)
        {
            ReadOnlySpan<float> own = logits.Slice(offset, headSizes[head]);
            ReadOnlySpan<bool> allowed = mask.Slice(offset, headSizes[head]);
            (double top, double sum) = Partition(own, allowed, head);

            double left = uniforms[head] * sum;
            int choice = -1;
            for (int value = 0; value < own.Length; value++)
            {
                if (!allowed[value])
                    continue;
                choice = value;
                left -= Math.Exp(own[value] - top);
                if (left < 0)
                    break;
            }

            action[head] = choice;
            joint += own[choice] - top - Math.Log(sum);
            offset += headSizes[head];
        }

        return (float)joint;
    }

    /// <summary>The joint log-probability of a choice; −∞ when the mask forbids it.</summary>
    /// <param name="logits">Head after head.</param>
    /// <param name="headSizes">Values of each head.</param>
    /// <param name="mask">Which values may be chosen, one entry a logit.</param>
    /// <param name="action">One value a head.</param>
    /// <exception cref="ArgumentException">Lengths disagree, or a head allows nothing.</exception>
    public static float LogProbability(
        ReadOnlySpan<float> logits, ReadOnlySpan<int> headSizes, ReadOnlySpan<bool> mask, ReadOnlySpan<int> action)
    {
        Check(logits, headSizes, mask, action);
        double joint = 0;
        int offset = 0;
        for (int head = 0; head < headSizes.Length; head++)
        {
            (double top, double sum) = Partition(logits.Slice(offset, headSizes[head]), mask.Slice(offset, headSizes[head]), head);
            int at = offset + action[head];
            joint += mask[at] ? logits[at] - top - Math.Log(sum) : double.NegativeInfinity;
            offset += headSizes[head];
        }

        return (float)joint;
    }

    private static (double Top, double Sum) Partition(ReadOnlySpan<float> logits, ReadOnlySpan<bool> allowed, int head)
    {
        double top = double.NegativeInfinity;
        for (int value = 0; value < logits.Length; value++)
        {
            if (allowed[value])
                top = Math.Max(top, logits[value]);
        }

        if (double.IsNegativeInfinity(top))
            throw NothingAllowed(head);
        double sum = 0;
        for (int value = 0; value < logits.Length; value++)
        {
            if (allowed[value])
                sum += Math.Exp(logits[value] - top);
        }

        return (top, sum);
    }

    private static void Check(ReadOnlySpan<float> logits, ReadOnlySpan<int> headSizes, ReadOnlySpan<bool> mask, ReadOnlySpan<int> action)
    {
        int total = 0;
        foreach (int size in headSizes)
            total += size;
        if (logits.Length != total || mask.Length != total || action.Length != headSizes.Length)
        {
            throw new ArgumentException(
                $"{headSizes.Length} heads with {total} values, but {logits.Length} logits, {mask.Length} mask entries and room for {action.Length} choices.");
        }
    }

    private static ArgumentException NothingAllowed(int head) => new($"Head {head}: the mask allows no value.");
}
