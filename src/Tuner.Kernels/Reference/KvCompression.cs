using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tuner.Kernels.Reference;

/// <summary>8-bit quantisation of rows, symmetric and to nearest: the error of an element is at most half its row's scale.</summary>
public static class KvCompression
{
    private const int Largest = 127;

    /// <summary>Quantises one row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="quantised">Receives whole numbers in [−127, 127], as many.</param>
    /// <returns>The scale: largest magnitude / 127, and 1 for a row of zeros.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Compress(ReadOnlySpan<float> row, Span<sbyte> quantised)
    {
        Shape.Require(quantised.Length, row.Length, nameof(quantised));
        float magnitude = Magnitude(row);
        float scale = magnitude == 0 ? 1 : magnitude / Largest;
        float inverse = 1 / scale;
        int step = Vector<sbyte>.Count;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        int i = 0;
        for (; i + step <= row.Length; i += step)
        {
            int at = i / Vector<float>.Count;
            Vector<short> low = Vector.Narrow(Nearest(vectors[at] * inverse), Nearest(vectors[at + 1] * inverse));
            Vector<short> high = Vector.Narrow(Nearest(vectors[at + 2] * inverse), Nearest(vectors[at + 3] * inverse));
            Vector.Narrow(low, high).CopyTo(quantised[i..]);
        }

        for (; i < row.Length; i++)
            quantised[i] = (sbyte)MathF.Round(row[i] * inverse);
        return scale;
    }

    /// <summary>Restores one row: each number times the scale.</summary>
    /// <param name="quantised">The whole numbers.</param>
    /// <param name="scale">The row's scale.</param>
    /// <param name="row">Receives the row.</param>
    public static unsafe void Decompress(ReadOnlySpan<sbyte> quantised, float scale, Span<float> row)
    {
        Shape.Require(row.Length, quantised.Length, nameof(row));
        int whole = quantised.Length / Panel.Columns * Panel.Columns;
        fixed (sbyte* source = quantised)
        fixed (float* target = row)
            Dequantize.Row(source, whole, scale, target);
        for (int i = whole; i < row.Length; i++)
            row[i] = quantised[i] * scale;
    }

    private static Vector<int> Nearest(Vector<float> values) => Vector.ConvertToInt32(Vector.Round(values));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Magnitude(ReadOnlySpan<float> row)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        Vector<float> top = Vector<float>.Zero;
        foreach (Vector<float> vector in vectors)
            top = Vector.Max(top, Vector.Abs(vector));
        float magnitude = 0;
        for (int i = 0; i < Vector<float>.Count; i++)
            magnitude = Math.Max(magnitude, top[i]);
        foreach (float rest in row[(vectors.Length * Vector<float>.Count)..])
            magnitude = Math.Max(magnitude, Math.Abs(rest));
        return magnitude;
    }
}
