namespace Tuner.Agent.Networks;

/// <summary>How heads of different sizes lie in one array: every head as wide as the widest, value after value.</summary>
/// <remarks>
/// Row <c>value × heads + head</c>. Padding shows logit 0 and is masked out. With the values outermost, a softmax runs over
/// whole rows at once; over the last dimension libtorch takes twenty times as long for heads this small.
/// </remarks>
internal sealed class HeadLayout
{
    private readonly int[] sizes;
    private readonly long[] rows;
    private readonly long[] places;

    public HeadLayout(ReadOnlySpan<int> sizes)
    {
        this.sizes = sizes.ToArray();
        Widest = this.sizes.Max();
        rows = new long[Length];
        places = new long[this.sizes.Sum()];
        for (int head = 0, offset = 0; head < Heads; offset += this.sizes[head], head++)
        {
            for (int value = 0; value < this.sizes[head]; value++)
            {
                int row = (value * Heads) + head;
                (rows[row], places[offset + value]) = (offset + value, row);
            }
        }
    }

    /// <summary>Number of heads.</summary>
    public int Heads => sizes.Length;

    /// <summary>Values of the widest head.</summary>
    public int Widest { get; }

    /// <summary>Number of rows: padding included.</summary>
    public int Length => Heads * Widest;

    /// <summary>Which logit each row shows.</summary>
    public ReadOnlySpan<long> Rows => rows;

    /// <summary>The row of each logit.</summary>
    public ReadOnlySpan<long> Places => places;

    /// <summary>The row of a head's value.</summary>
    public int RowOf(int head, int value) => (value * Heads) + head;

    /// <summary>Writes a mask, given head after head, into rows; padding is forbidden.</summary>
    public void Pad(ReadOnlySpan<bool> mask, Span<bool> padded)
    {
        padded.Clear();
        for (int i = 0; i < places.Length; i++)
            padded[(int)places[i]] = mask[i];
    }
}
