using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Fits what speculation adds to a step to part of the sweep: the smaller draft, every other concurrency.</summary>
public static class SpeculationFit
{
    private const string FittedDraft = "Qwen3-1.7B";

    /// <summary>Beyond, requests wait for room in the KV cache, which says nothing about a step.</summary>
    private const int LargestFitted = 64;

    /// <summary>Whether a row is fitted to: no speculation or the smaller draft, at 1, 4, 16 and 64 requests in flight. All else is kept.</summary>
    public static bool IsFitted(SpeculationSample sample) =>
        sample.Draft is null or FittedDraft && sample.InFlight <= LargestFitted && int.Log2(sample.InFlight) % 2 == 0;

    /// <summary>Fits the engine's host time of a step and the speculation's, to throughput.</summary>
    /// <param name="study">The study.</param>
    /// <param name="samples">The whole sweep; rows that are kept are not looked at.</param>
    public static (double HostSeconds, SpeculationOverheads Speculation) Run(SpeculationStudy study, IEnumerable<SpeculationSample> samples)
    {
        SpeculationSample[] fitted = [.. samples.Where(IsFitted)];
        double[] measured = [.. fitted.Select(sample => sample.OutputTokensPerSecond)];
        double[] best = RobustFit.Fit(
            [7e-4, 1e-3, 1e-5, 3e-4, 2e-5],
            (values, into) => study.Predict(fitted, values[0], Overheads(values)).CopyTo(into, 0),
            measured);
        return (best[0], Overheads(best));
    }

    private static SpeculationOverheads Overheads(double[] values) => new(values[1], values[2], values[3], values[4], "fit");
}
