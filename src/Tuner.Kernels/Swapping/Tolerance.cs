namespace Tuner.Kernels.Swapping;

/// <summary>How far an output may lie from the trusted one: |actual − expected| ≤ Absolute + Relative · root mean square of the expected output.</summary>
/// <remarks>The bound scales with the whole output: single elements of a product may cancel to nearly nothing and keep the rounding of large terms.</remarks>
/// <param name="Relative">As a share of the expected output's root mean square.</param>
/// <param name="Absolute">In units of the output.</param>
public readonly record struct Tolerance(double Relative, double Absolute)
{
    /// <summary>Compares two outputs in host memory.</summary>
    public OutputVerdict Compare(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length)
            throw new ArgumentException($"The outputs have {expected.Length} and {actual.Length} elements.", nameof(actual));
        double squares = 0;
        double worst = 0;
        bool finite = true;
        for (int i = 0; i < expected.Length; i++)
        {
            if (float.IsFinite(expected[i]))
                squares += (double)expected[i] * expected[i];

            // Where both agree on an infinity or both are not a number, the candidate did as it was told.
            if (expected[i].Equals(actual[i]))
                continue;
            finite &= float.IsFinite(actual[i]);
            worst = Math.Max(worst, Math.Abs((double)actual[i] - expected[i]));
        }

        double bound = Absolute + (Relative * Math.Sqrt(squares / Math.Max(1, expected.Length)));
        return new OutputVerdict(finite && worst <= bound, finite, worst, bound);
    }
}
