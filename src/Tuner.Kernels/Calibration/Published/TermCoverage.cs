using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Checks the bands of single calls against the kernel tables.</summary>
public static class TermCoverage
{
    /// <summary>Parts the errors are dealt into; each is judged by the others.</summary>
    private const int Folds = 10;

    /// <summary>Calibrates a GPU again and tells, term by term, how many calls left out lie in the band.</summary>
    /// <param name="folder">The folder that holds <c>aiconfigurator/</c>.</param>
    /// <param name="device">The GPU's short name.</param>
    /// <exception cref="CalibrationException">A table is missing or malformed.</exception>
    public static IReadOnlyList<BandCoverage> Run(string folder, string device)
    {
        var errors = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        HardwareProfile profile = PublishedCalibration.Run(folder, device, (term, calls) =>
        {
            if (!errors.TryGetValue(term, out List<double>? known))
                errors.Add(term, known = []);
            known.AddRange(calls.Select(Math.Abs));
        });
        return [.. errors.Select(pair => Of(pair.Key, pair.Value, Shared(profile, pair.Key)))];
    }

    /// <summary>Coverage of one term.</summary>
    /// <param name="term">Its label.</param>
    /// <param name="errors">Sizes of the errors of its calls left out.</param>
    /// <param name="shipped">Half-width of the band that ships; null where it is the eightieth percentile of these very errors.</param>
    public static BandCoverage Of(string term, IReadOnlyList<double> errors, double? shipped = null)
    {
        double width = shipped ?? SurfaceErrors.Spread(errors);
        int inside = 0;
        for (int fold = 0; fold < Folds; fold++)
        {
            double others = SurfaceErrors.Spread(errors.Where((_, i) => i % Folds != fold));
            inside += errors.Where((_, i) => i % Folds == fold).Count(error => error <= others);
        }

        return new BandCoverage(term, errors.Count, width, errors.Count(error => error <= width) / (double)errors.Count, inside / (double)errors.Count);
    }

    // A profile keeps collectives as measured, made monotonic, and takes their spread from there.
    private static double? Shared(HardwareProfile profile, string term) =>
        term.StartsWith("all-reduce, ", StringComparison.Ordinal) ? profile.Engine(term["all-reduce, ".Length..]).SpreadOf(CollectiveOperation.AllReduce) : null;
}
