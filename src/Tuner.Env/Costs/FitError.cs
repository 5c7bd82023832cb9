namespace Tuner.Env.Costs;

/// <summary>How well one term of a profile reproduces the measurements it was fitted to: relative errors of single calls.</summary>
/// <param name="Term">The term, such as <c>gemm fp8</c>.</param>
/// <param name="Rows">Measurements compared.</param>
/// <param name="MedianError">Median of |predicted / measured − 1|.</param>
/// <param name="P90Error">Ninetieth percentile of the same.</param>
/// <param name="Bias">Median of predicted / measured − 1: below 0, the profile is too quick.</param>
/// <param name="Scope">Which measurements, in words.</param>
public sealed record FitError(string Term, int Rows, double MedianError, double P90Error, double Bias, string Scope);
