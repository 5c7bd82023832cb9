namespace Tuner.Env.Costs;

/// <summary>How long matrix products of one precision take.</summary>
/// <param name="Precision">Number format.</param>
/// <param name="Provenance">What the times rest on.</param>
/// <param name="Roofline">The fitted roofline, which also carries beyond what was measured.</param>
/// <param name="Residuals">
/// What measurements add to it: outputs × inputs × rows. Rows that are multiples of four (or at most 16) and others run through
/// different tile layouts and are interpolated apart. Null where only the roofline is known.
/// </param>
/// <param name="Spread">Eightieth percentile of |log(predicted / measured)| where a measured node is left out and predicted from its neighbours.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record GemmTerm(KernelPrecision Precision, Provenance Provenance, GemmFit Roofline, ResidualGrid? Residuals, double Spread, string Source)
{
    /// <summary>Whether a number of rows runs through the kernels' full-width tiles.</summary>
    public static bool IsAligned(int rows) => rows <= 16 || rows % 4 == 0;
}
