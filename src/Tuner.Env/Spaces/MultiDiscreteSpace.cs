namespace Tuner.Env.Spaces;

/// <summary>One choice out of several for each of several heads, whose sizes may differ.</summary>
public sealed class MultiDiscreteSpace
{
    private readonly int[] sizes;

    /// <summary>Creates a space.</summary>
    /// <param name="sizes">Number of values of each head; each at least 1.</param>
    /// <exception cref="ArgumentException">There is no head, or one has no value.</exception>
    public MultiDiscreteSpace(ReadOnlySpan<int> sizes)
    {
        if (sizes.Length == 0)
            throw new ArgumentException("A space needs at least one head.", nameof(sizes));
        for (int head = 0; head < sizes.Length; head++)
        {
            if (sizes[head] < 1)
                throw new ArgumentException($"Head {head} has {sizes[head]} values; at least 1 is needed.", nameof(sizes));
            TotalSize += sizes[head];
        }

        this.sizes = sizes.ToArray();
    }

    /// <summary>Number of heads.</summary>
    public int HeadCount => sizes.Length;

    /// <summary>Number of values of each head.</summary>
    public ReadOnlySpan<int> Sizes => sizes;

    /// <summary>Sum of the sizes: entries of a mask, logits of a network.</summary>
    public int TotalSize { get; }

    /// <summary>Whether an action has one value a head, each within its head.</summary>
    public bool Contains(ReadOnlySpan<int> action)
    {
        if (action.Length != sizes.Length)
            return false;
        for (int head = 0; head < action.Length; head++)
        {
            if ((uint)action[head] >= (uint)sizes[head])
                return false;
        }

        return true;
    }
}
