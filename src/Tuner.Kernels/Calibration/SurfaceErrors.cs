using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration;

/// <summary>Summaries of how far predictions lie from measurements, given as log(predicted / measured).</summary>
internal static class SurfaceErrors
{
    /// <summary>Errors of one term.</summary>
    public static FitError Summarise(string term, IReadOnlyCollection<double> logErrors, string scope)
    {
        double[] relative = [.. logErrors.Select(error => Math.Exp(error) - 1)];
        double[] size = [.. relative.Select(Math.Abs)];
        return new FitError(term, relative.Length, size.Median(), size.Quantile(0.9), relative.Median(), scope);
    }

    /// <summary>Eightieth percentile of the size.</summary>
    public static double Spread(IEnumerable<double> logErrors) => logErrors.Select(Math.Abs).Quantile(0.8);
}
