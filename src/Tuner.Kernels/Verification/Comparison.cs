using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Verification;

/// <summary>Compares a kernel's numbers with a reference in double precision.</summary>
internal static class Comparison
{
    /// <summary>A bf16 number is at most this share of itself from what was rounded to it.</summary>
    private const double HalfStep = 1.0 / 256;

    /// <summary>
    /// An element may be off by its rounding and by this many tolerances of the typical element: with errors that are independent, one in a billion
    /// is off by six standard deviations.
    /// </summary>
    private const double Outlier = 6;

    /// <param name="kernel">The kernel.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="reference">What was expected.</param>
    /// <param name="result">What came.</param>
    /// <param name="tolerance">What the error of all elements together may be.</param>
    public static CheckOutcome Of(string kernel, string shape, ReadOnlySpan<double> reference, ReadOnlySpan<float> result, double tolerance)
    {
        Shape.Require(result.Length, reference.Length, nameof(result));
        double squares = 0, size = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            double difference = result[i] - Bf16.Round((float)reference[i]);
            squares += difference * difference;
            size += reference[i] * reference[i];
        }

        double typical = Math.Sqrt(size / reference.Length);
        double worst = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            double allowed = (HalfStep * Math.Abs(reference[i])) + (Outlier * tolerance * typical);
            double share = Math.Abs(result[i] - reference[i]) / allowed;

            // NaN compares with nothing: let it stand as worst of all.
            worst = share <= worst ? worst : share;
        }

        return new CheckOutcome(kernel, shape, Math.Sqrt(squares / size), tolerance, worst);
    }

    /// <summary>The same for numbers that must agree bit by bit.</summary>
    public static CheckOutcome Exact<T>(string kernel, string shape, ReadOnlySpan<T> reference, ReadOnlySpan<T> result)
        where T : IEquatable<T>
    {
        int same = reference.CommonPrefixLength(result);
        return new CheckOutcome(kernel, shape, same == reference.Length && same == result.Length ? 0 : double.PositiveInfinity, 0, 0);
    }
}
