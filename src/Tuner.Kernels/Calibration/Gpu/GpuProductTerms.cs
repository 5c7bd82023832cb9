using System.Globalization;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Fits the products of a profile: of each precision the faster of Tuner's own kernels and cuBLASLt, as a whole series.</summary>
/// <remarks>A series is never mixed shape by shape: an engine calls one of them, and the fit would smooth over the seams.</remarks>
internal static class GpuProductTerms
{
    /// <summary>Fits.</summary>
    /// <param name="measurements">Both series.</param>
    /// <param name="library">The library's name and version; null where it was not measured.</param>
    /// <param name="source">Where the figures come from.</param>
    /// <param name="errors">Receives the fits' errors.</param>
    public static GemmTerm[] Fit(KernelMeasurements measurements, string? library, string source, List<FitError> errors)
    {
        var terms = new List<GemmTerm>();
        foreach ((KernelPrecision precision, string name, double bytesPerWeight) in GpuProducts.Formats)
        {
            (IReadOnlyList<GemmSample> series, string said) = Faster(measurements, precision, library);
            if (series.All(sample => sample.Precision != precision))
                continue;
            (GemmTerm term, FitError error) = GemmSurface.Fit(series, precision, bytesPerWeight, said.Length == 0 ? source : $"{said}; {source}", $"gemm {name}");
            terms.Add(term with { Provenance = Provenance.MeasuredHere });
            errors.Add(error);
        }

        return [.. terms];
    }

    /// <summary>The faster series by the median ratio over the shapes both have.</summary>
    private static (IReadOnlyList<GemmSample> Series, string Said) Faster(KernelMeasurements measurements, KernelPrecision precision, string? library)
    {
        Dictionary<(int, int, int), double> own = measurements.Gemm.Where(sample => sample.Precision == precision).ToDictionary(Shape, sample => sample.Seconds);
        GemmSample[] theirs = [.. measurements.LibraryGemm.Where(sample => sample.Precision == precision)];
        if (library is null || theirs.Length == 0)
            return (measurements.Gemm, "");
        if (own.Count == 0)
            return (measurements.LibraryGemm, $"kernel: {library}; Tuner has none for this GPU");
        double[] ratios = [.. theirs.Where(sample => own.ContainsKey(Shape(sample))).Select(sample => own[Shape(sample)] / sample.Seconds).Order()];
        if (ratios.Length == 0)
            return (measurements.Gemm, "");
        double median = Timing.Quantile(ratios, 0.5);

        // A series with holes would bend the surface: the library must have most of the shapes to take over.
        return median > 1 && 2 * ratios.Length > own.Count
            ? (measurements.LibraryGemm, string.Create(CultureInfo.InvariantCulture, $"kernel: {library}, {median:0.00} times as fast as Tuner's own in the median of {ratios.Length} shapes"))
            : (measurements.Gemm, string.Create(CultureInfo.InvariantCulture, $"kernel: Tuner's own; {library} is {median:0.00} times as fast in the median of {ratios.Length} shapes"));
    }

    private static (int Rows, int Outputs, int Inputs) Shape(GemmSample sample) => (sample.Rows, sample.Outputs, sample.Inputs);
}
