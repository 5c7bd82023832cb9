using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tuner.Kernels.Reference;

/// <summary>Root-mean-square normalisation (Zhang and Sennrich, arXiv:1910.07467): y = x / √(mean(x²) + ε) · g.</summary>
public static class RmsNorm
{
    /// <summary>What keeps a row of zeros finite: Llama's <c>rms_norm_eps</c>.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>Normalises rows.</summary>
    /// <param name="x">[rows, width].</param>
    /// <param name="gain">[width].</param>
    /// <param name="y">Receives [rows, width]; may be x.</param>
    /// <exception cref="ArgumentException">x is no whole number of rows, or y has another size.</exception>
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, Span<float> y)
    {
        Shape.Require(y.Length, x.Length, nameof(y));
        int rows = gain.IsEmpty ? 0 : x.Length / gain.Length;
        Shape.Require(x.Length, (long)rows * gain.Length, nameof(x));
        for (int row = 0; row < rows; row++)
            Row(x.Slice(row * gain.Length, gain.Length), gain, y.Slice(row * gain.Length, gain.Length));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, Span<float> y)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(x);
        ReadOnlySpan<Vector<float>> gains = MemoryMarshal.Cast<float, Vector<float>>(gain);
        Span<Vector<float>> results = MemoryMarshal.Cast<float, Vector<float>>(y);
        Vector<float> squares = Vector<float>.Zero;
        foreach (Vector<float> vector in vectors)
            squares += vector * vector;
        float sum = Vector.Sum(squares);
        int whole = vectors.Length * Vector<float>.Count;
        for (int i = whole; i < x.Length; i++)
            sum += x[i] * x[i];
        float scale = 1 / MathF.Sqrt((sum / x.Length) + Epsilon);
        for (int i = 0; i < vectors.Length; i++)
            results[i] = vectors[i] * scale * gains[i];
        for (int i = whole; i < x.Length; i++)
            y[i] = x[i] * scale * gain[i];
    }
}
