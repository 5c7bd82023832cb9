using System.Numerics;

namespace Tuner.Kernels.Launching;

/// <summary>Works with lower triangular matrices kept row after row.</summary>
internal static class LowerTriangle
{
    /// <summary>The sum of the products of two equally long runs.</summary>
    public static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        Vector<double> sums = Vector<double>.Zero;
        int i = 0;
        for (; i + Vector<double>.Count <= left.Length; i += Vector<double>.Count)
            sums += new Vector<double>(left[i..]) * new Vector<double>(right[i..]);
        double sum = Vector.Sum(sums);
        for (; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }

    /// <summary>Solves L·Lᵀ·x = values; <paramref name="quadratic"/> receives valuesᵀ·x.</summary>
    public static double[] Solve(double[] lower, double[] values, out double quadratic)
    {
        int count = values.Length;
        double[] solved = [.. values];
        quadratic = 0;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
                solved[i] -= lower[(i * count) + j] * solved[j];
            solved[i] /= lower[(i * count) + i];
            quadratic += solved[i] * solved[i];
        }

        for (int i = count - 1; i >= 0; i--)
        {
            for (int j = i + 1; j < count; j++)
                solved[i] -= lower[(j * count) + i] * solved[j];
            solved[i] /= lower[(i * count) + i];
        }

        return solved;
    }
}
