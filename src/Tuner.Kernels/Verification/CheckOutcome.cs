namespace Tuner.Kernels.Verification;

/// <summary>How a kernel's result compares with its reference on one shape.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Shape">The shape, for a person.</param>
/// <param name="Error">‖result − reference‖ / ‖reference‖, the reference rounded to the result's format.</param>
/// <param name="Tolerance">What the error may be.</param>
/// <param name="Worst">Largest departure of one element from the unrounded reference, as a share of what it may be: above 1 is wrong.</param>
/// <param name="Skipped">Why it was not run; null when it was.</param>
public sealed record CheckOutcome(string Kernel, string Shape, double Error, double Tolerance, double Worst, string? Skipped = null)
{
    /// <summary>Whether it ran and was right; a result that is not a number is not.</summary>
    public bool Passed => Skipped is null && Error <= Tolerance && Worst <= 1;
}
