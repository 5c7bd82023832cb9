namespace Tuner.Env.Spaces;

/// <summary>Vectors of real numbers between bounds, both inclusive.</summary>
public sealed class BoxSpace
{
    private readonly float[] low;
    private readonly float[] high;

    /// <summary>Creates a space from its bounds.</summary>
    /// <param name="low">Lowest value of each entry.</param>
    /// <param name="high">Highest value of each entry; each at least its low.</param>
    /// <exception cref="ArgumentException">The bounds differ in length, or a low exceeds its high.</exception>
    public BoxSpace(ReadOnlySpan<float> low, ReadOnlySpan<float> high)
    {
        if (low.Length != high.Length)
            throw new ArgumentException($"{low.Length} low bounds and {high.Length} high bounds; both have one an entry.");
        for (int i = 0; i < low.Length; i++)
        {
            if (!(low[i] <= high[i]))
                throw new ArgumentException($"Entry {i}: low bound {low[i]} exceeds high bound {high[i]}.");
        }

        this.low = low.ToArray();
        this.high = high.ToArray();
    }

    /// <summary>Number of entries.</summary>
    public int Length => low.Length;

    /// <summary>Lowest value of each entry.</summary>
    public ReadOnlySpan<float> Low => low;

    /// <summary>Highest value of each entry.</summary>
    public ReadOnlySpan<float> High => high;

    /// <summary>Whether a vector has the right length and lies within the bounds; NaN does not.</summary>
    public bool Contains(ReadOnlySpan<float> value)
    {
        if (value.Length != Length)
            return false;
        for (int i = 0; i < value.Length; i++)
        {
            if (!(value[i] >= low[i] && value[i] <= high[i]))
                return false;
        }

        return true;
    }
}
