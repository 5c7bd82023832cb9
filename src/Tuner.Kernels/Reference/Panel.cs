using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>The inner kernel of every product here: a few rows times a panel four vectors wide.</summary>
/// <remarks>
/// Sixteen accumulators stay in registers for the whole depth: each step loads four vectors and four scalars for sixteen
/// fused multiply-adds, so arithmetic and not loading is the limit (the scheme of Goto and van de Geijn, ACM TOMS 34(3), 2008).
/// The two methods call nothing: a call would make the compiler spill the accumulators at every step. Loops here and in the
/// kernels around are compiled at full effort at once: with tiers, the first timed calls would run unoptimised code.
/// </remarks>
internal static unsafe class Panel
{
    /// <summary>Rows taken at once.</summary>
    public const int Rows = 4;

    /// <summary>Columns of a panel: four vectors of this machine.</summary>
    public static int Columns => 4 * Vector<float>.Count;

    /// <summary>Rounds a number of columns up to whole panels.</summary>
    public static int RoundUp(int columns) => (columns + Columns - 1) / Columns * Columns;

    /// <summary>y[rows, columns] += x[rows, depth] · panel[depth, columns].</summary>
    /// <param name="x">First element of x.</param>
    /// <param name="xStride">Elements from a row of x to the next.</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <param name="panel">First element of the panel.</param>
    /// <param name="panelStride">Elements from a row of the panel to the next.</param>
    /// <param name="depth">Length of the dot products.</param>
    /// <param name="y">First element of y.</param>
    /// <param name="yStride">Elements from a row of y to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(float* x, nint xStride, int rows, float* panel, nint panelStride, int depth, float* y, nint yStride)
    {
        int row = 0;
        for (; row + 1 < rows; row += Rows)
            FewRows(x + (row * xStride), xStride, Math.Min(Rows, rows - row), panel, panelStride, depth, y + (row * yStride), yStride);
        if (row < rows)
            OneRow(x + (row * xStride), panel, panelStride, depth, y + (row * yStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FewRows(float* x0, nint xStride, int rows, float* panel, nint panelStride, int depth, float* y0, nint yStride)
    {
        // A row that is not there is the last one again: it computes and stores the same.
        float* x1 = x0 + xStride;
        float* x2 = rows > 2 ? x1 + xStride : x1;
        float* x3 = rows > 3 ? x2 + xStride : x2;
        float* y1 = y0 + yStride;
        float* y2 = rows > 2 ? y1 + yStride : y1;
        float* y3 = rows > 3 ? y2 + yStride : y2;
        int width = Vector<float>.Count;
        Vector<float> a0 = Vector.Load(y0), a1 = Vector.Load(y0 + width), a2 = Vector.Load(y0 + (2 * width)), a3 = Vector.Load(y0 + (3 * width));
        Vector<float> b0 = Vector.Load(y1), b1 = Vector.Load(y1 + width), b2 = Vector.Load(y1 + (2 * width)), b3 = Vector.Load(y1 + (3 * width));
        Vector<float> c0 = Vector.Load(y2), c1 = Vector.Load(y2 + width), c2 = Vector.Load(y2 + (2 * width)), c3 = Vector.Load(y2 + (3 * width));
        Vector<float> d0 = Vector.Load(y3), d1 = Vector.Load(y3 + width), d2 = Vector.Load(y3 + (2 * width)), d3 = Vector.Load(y3 + (3 * width));
        for (nint i = 0; i < depth; i++)
        {
            Vector<float> p0 = Vector.Load(panel), p1 = Vector.Load(panel + width), p2 = Vector.Load(panel + (2 * width)), p3 = Vector.Load(panel + (3 * width));
            Vector<float> x = new(x0[i]);
            a0 = Vector.FusedMultiplyAdd(x, p0, a0);
            a1 = Vector.FusedMultiplyAdd(x, p1, a1);
            a2 = Vector.FusedMultiplyAdd(x, p2, a2);
            a3 = Vector.FusedMultiplyAdd(x, p3, a3);
            x = new(x1[i]);
            b0 = Vector.FusedMultiplyAdd(x, p0, b0);
            b1 = Vector.FusedMultiplyAdd(x, p1, b1);
            b2 = Vector.FusedMultiplyAdd(x, p2, b2);
            b3 = Vector.FusedMultiplyAdd(x, p3, b3);
            x = new(x2[i]);
            c0 = Vector.FusedMultiplyAdd(x, p0, c0);
            c1 = Vector.FusedMultiplyAdd(x, p1, c1);
            c2 = Vector.FusedMultiplyAdd(x, p2, c2);
            c3 = Vector.FusedMultiplyAdd(x, p3, c3);
            x = new(x3[i]);
            d0 = Vector.FusedMultiplyAdd(x, p0, d0);
            d1 = Vector.FusedMultiplyAdd(x, p1, d1);
            d2 = Vector.FusedMultiplyAdd(x, p2, d2);
            d3 = Vector.FusedMultiplyAdd(x, p3, d3);
            panel += panelStride;
        }

        a0.Store(y0);
        a1.Store(y0 + width);
        a2.Store(y0 + (2 * width));
        a3.Store(y0 + (3 * width));
        b0.Store(y1);
        b1.Store(y1 + width);
        b2.Store(y1 + (2 * width));
        b3.Store(y1 + (3 * width));
        c0.Store(y2);
        c1.Store(y2 + width);
        c2.Store(y2 + (2 * width));
        c3.Store(y2 + (3 * width));
        d0.Store(y3);
        d1.Store(y3 + width);
        d2.Store(y3 + (2 * width));
        d3.Store(y3 + (3 * width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow(float* x, float* panel, nint panelStride, int depth, float* y)
    {
        int width = Vector<float>.Count;
        Vector<float> a0 = Vector.Load(y), a1 = Vector.Load(y + width), a2 = Vector.Load(y + (2 * width)), a3 = Vector.Load(y + (3 * width));
        for (nint i = 0; i < depth; i++)
        {
            Vector<float> value = new(x[i]);
            a0 = Vector.FusedMultiplyAdd(value, Vector.Load(panel), a0);
            a1 = Vector.FusedMultiplyAdd(value, Vector.Load(panel + width), a1);
            a2 = Vector.FusedMultiplyAdd(value, Vector.Load(panel + (2 * width)), a2);
            a3 = Vector.FusedMultiplyAdd(value, Vector.Load(panel + (3 * width)), a3);
            panel += panelStride;
        }

        a0.Store(y);
        a1.Store(y + width);
        a2.Store(y + (2 * width));
        a3.Store(y + (3 * width));
    }
}
