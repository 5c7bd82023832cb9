using System.Numerics;
using System.Runtime.InteropServices;

namespace Tuner.Policy.Inference;

/// <summary>tanh of many numbers at once: the same bits on every machine, whatever its vector width and C library.</summary>
/// <remarks><code>
/// y = 2·|x|    y = n·ln 2 + r, |r| ≤ ½·ln 2    t = expm1(y) = 2ⁿ·expm1(r) + (2ⁿ − 1)    tanh x = sign(x)·t / (t + 2)
/// </code>
/// expm1(r) is its Taylor polynomial of degree 7, whose error there is below half a unit in the last place of a float. Additions,
/// multiplications and a division alone: they round alike everywhere. NaN stays NaN.</remarks>
internal static class HyperbolicTangent
{
    // tanh rounds to 1 in single precision from here on.
    private const float Saturated = 9.02f;
    private const float InverseLn2 = 1.44269504f;

    // ln 2 in two parts; the first has few bits, so that n times it is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    public static void Apply(Span<float> values)
    {
        Span<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (int i = 0; i < wide.Length; i++)
            wide[i] = Of(wide[i]);
        Span<float> rest = values[(wide.Length * Vector<float>.Count)..];
        if (rest.IsEmpty)
            return;
        Span<float> padded = stackalloc float[Vector<float>.Count];
        padded.Clear();
        rest.CopyTo(padded);
        Of(new Vector<float>(padded)).CopyTo(padded);
        padded[..rest.Length].CopyTo(rest);
    }

    private static Vector<float> Of(Vector<float> x)
    {
        Vector<float> size = Vector.Min(Vector.Abs(x), new Vector<float>(Saturated));
        Vector<float> y = size + size;
        Vector<int> n = Vector.ConvertToInt32((y * InverseLn2) + new Vector<float>(0.5f));
        Vector<float> whole = Vector.ConvertToSingle(n);
        Vector<float> r = y - (whole * Ln2High) - (whole * Ln2Low);

        Vector<float> p = new(1 / 5040f);
        p = (p * r) + new Vector<float>(1 / 720f);
        p = (p * r) + new Vector<float>(1 / 120f);
        p = (p * r) + new Vector<float>(1 / 24f);
        p = (p * r) + new Vector<float>(1 / 6f);
        p = (p * r) + new Vector<float>(0.5f);
        p = (p * r * r) + r;

        Vector<float> power = Vector.AsVectorSingle(Vector.ShiftLeft(n + new Vector<int>(127), 23));
        Vector<float> t = (power * p) + (power - Vector<float>.One);
        return Vector.CopySign(t / (t + new Vector<float>(2)), x);
    }
}
