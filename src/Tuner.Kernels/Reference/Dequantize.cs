using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>Turns quantised panels into floating point, a piece that stays in the first-level cache at a time.</summary>
internal static unsafe class Dequantize
{
    /// <summary>8-bit rows of a panel, one scale a column.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="rows">How many.</param>
    /// <param name="scale">A scale for each column.</param>
    /// <param name="target">Receives the rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Bytes(sbyte* source, int rows, float* scale, float* target)
    {
        int width = Vector<float>.Count;
        Vector<float> s0 = Vector.Load(scale), s1 = Vector.Load(scale + width), s2 = Vector.Load(scale + (2 * width)), s3 = Vector.Load(scale + (3 * width));
        for (int row = 0; row < rows; row++)
        {
            Store(Vector.Load(source), s0, s1, s2, s3, target);
            source += 4 * width;
            target += 4 * width;
        }
    }

    /// <summary>4-bit rows of a panel, two a byte, a scale for each column and 32 rows.</summary>
    /// <param name="source">The rows; the first is the low half of its bytes and begins a group.</param>
    /// <param name="rows">How many; an odd number writes one row more.</param>
    /// <param name="scale">A scale for each column, group after group.</param>
    /// <param name="target">Receives the rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Nibbles(byte* source, int rows, float* scale, float* target)
    {
        int width = Vector<float>.Count;
        var low = new Vector<byte>(0xF);
        var offset = new Vector<sbyte>(8);
        for (int group = 0; group < rows; group += PackedWeights.Group)
        {
            Vector<float> s0 = Vector.Load(scale), s1 = Vector.Load(scale + width), s2 = Vector.Load(scale + (2 * width)), s3 = Vector.Load(scale + (3 * width));
            int end = Math.Min(PackedWeights.Group, rows - group);
            for (int row = 0; row < end; row += 2)
            {
                Vector<byte> pair = Vector.Load(source);
                Store((pair & low).As<byte, sbyte>() - offset, s0, s1, s2, s3, target);
                Vector<byte> high = (pair.As<byte, ushort>() >>> 4).As<ushort, byte>() & low;
                Store(high.As<byte, sbyte>() - offset, s0, s1, s2, s3, target + (4 * width));
                source += 4 * width;
                target += 8 * width;
            }

            scale += 4 * width;
        }
    }

    /// <summary>A row of 8-bit numbers times one scale.</summary>
    /// <param name="source">The row.</param>
    /// <param name="count">Its length, a multiple of <see cref="Panel.Columns"/>.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="target">Receives it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(sbyte* source, int count, float scale, float* target)
    {
        var s = new Vector<float>(scale);
        for (int i = 0; i < count; i += Panel.Columns)
            Store(Vector.Load(source + i), s, s, s, s, target + i);
    }

    private static void Store(Vector<sbyte> values, Vector<float> s0, Vector<float> s1, Vector<float> s2, Vector<float> s3, float* target)
    {
        int width = Vector<float>.Count;
        Vector.Widen(values, out Vector<short> low, out Vector<short> high);
        Vector.Widen(low, out Vector<int> i0, out Vector<int> i1);
        Vector.Widen(high, out Vector<int> i2, out Vector<int> i3);
        (Vector.ConvertToSingle(i0) * s0).Store(target);
        (Vector.ConvertToSingle(i1) * s1).Store(target + width);
        (Vector.ConvertToSingle(i2) * s2).Store(target + (2 * width));
        (Vector.ConvertToSingle(i3) * s3).Store(target + (3 * width));
    }
}
