namespace Tuner.Policy.Knobs;

/// <summary>Which values of each action head may be chosen now: one bit a value, one byte a head.</summary>
/// <remarks>
/// A value is forbidden when it cannot be (out of memory, unsupported by GPU or engine, past the end of a ladder) or must
/// not be yet (a cool-down, an exhausted quality budget). Every head keeps at least one value: the one that changes nothing.
/// </remarks>
public readonly record struct KnobMask
{
    private readonly ulong bits;

    private KnobMask(ulong bits) => this.bits = bits;

    /// <summary>A mask that allows every value of every head.</summary>
    public static KnobMask AllowAll { get; } = new(ulong.MaxValue);

    /// <summary>A mask that allows nothing; add to it with <see cref="With"/>.</summary>
    public static KnobMask None { get; }

    /// <summary>Whether value <paramref name="value"/> of head <paramref name="knob"/> may be chosen.</summary>
    public bool Allows(Knob knob, int value) => (bits >> Shift(knob, value) & 1) != 0;

    /// <summary>This mask with one value allowed or forbidden.</summary>
    public KnobMask With(Knob knob, int value, bool allowed)
    {
        ulong bit = 1UL << Shift(knob, value);
        return new KnobMask(allowed ? bits | bit : bits & ~bit);
    }

    /// <summary>Writes the mask head after head, <see cref="KnobSpace.LogitCount"/> values.</summary>
    public void WriteTo(Span<bool> allowed)
    {
        int offset = 0;
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            for (int value = 0; value < KnobSpace.HeadSizes[head]; value++)
                allowed[offset++] = Allows((Knob)head, value);
        }
    }

    private static int Shift(Knob knob, int value) => ((int)knob * 8) + value;
}
