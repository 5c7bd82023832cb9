namespace Tuner.Kernels.Reference;

/// <summary>16-bit brain floating point: the upper half of a 32-bit number.</summary>
public static class Bf16
{
    /// <summary>The nearest one's bits, ties to even.</summary>
    public static ushort Bits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7fff : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>A number from its bits: exact.</summary>
    public static float Value(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The nearest one.</summary>
    public static float Round(float value) => Value(Bits(value));

    /// <summary>A whole array's bits.</summary>
    public static ushort[] Bits(ReadOnlySpan<float> values)
    {
        var bits = new ushort[values.Length];
        for (int i = 0; i < bits.Length; i++)
            bits[i] = Bits(values[i]);
        return bits;
    }

    /// <summary>A whole array from its bits.</summary>
    public static float[] Values(ReadOnlySpan<ushort> bits)
    {
        var values = new float[bits.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = Value(bits[i]);
        return values;
    }
}
