namespace Tuner.Kernels.Reference;

/// <summary>8-bit floating point with 4 bits of exponent and 3 of mantissa, no infinities (OCP 8-bit floating point specification, 2023).</summary>
public static class E4m3
{
    /// <summary>The largest.</summary>
    public const float Largest = 448;

    private const int Bias = 7;
    private const int MantissaBits = 3;
    private const byte NotANumber = 0x7f;

    /// <summary>The nearest one's bits, ties to even, saturating at <see cref="Largest"/>.</summary>
    public static byte Bits(float value)
    {
        if (float.IsNaN(value))
            return NotANumber;
        int sign = float.IsNegative(value) ? 0x80 : 0;
        float size = Math.Min(MathF.Abs(value), Largest);
        if (size == 0)
            return (byte)sign;

        // Below the least normal number steps stay those of its exponent.
        int exponent = Math.Max(MathF.ILogB(size), 1 - Bias);
        int steps = (int)MathF.Round(MathF.ScaleB(size, MantissaBits - exponent));

        // A carry out of the mantissa lands in the exponent, where it belongs.
        return (byte)(sign | (((exponent + Bias - 1) << MantissaBits) + steps));
    }

    /// <summary>A number from its bits: exact.</summary>
    public static float Value(byte bits)
    {
        int exponent = (bits >> MantissaBits) & 15;
        int mantissa = bits & 7;
        float size = (bits & NotANumber) == NotANumber
            ? float.NaN
            : exponent == 0 ? MathF.ScaleB(mantissa, 1 - Bias - MantissaBits) : MathF.ScaleB(8 + mantissa, exponent - Bias - MantissaBits);
        return (bits & 0x80) != 0 ? -size : size;
    }

    /// <summary>Quantises a row with one scale: largest magnitude / 448, 1 for a row of zeros.</summary>
    /// <param name="row">The row.</param>
    /// <param name="quantised">Receives as many.</param>
    /// <returns>The scale.</returns>
    public static float Compress(ReadOnlySpan<float> row, Span<byte> quantised)
    {
        Shape.Require(quantised.Length, row.Length, nameof(quantised));
        float largest = 0;
        foreach (float value in row)
            largest = Math.Max(largest, MathF.Abs(value));
        float scale = largest == 0 ? 1 : largest / Largest;
        float inverse = 1 / scale;
        for (int i = 0; i < row.Length; i++)
            quantised[i] = Bits(row[i] * inverse);
        return scale;
    }
}
