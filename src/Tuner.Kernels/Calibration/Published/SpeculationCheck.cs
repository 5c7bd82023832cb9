using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Compares the cost model with a measured sweep of speculative decoding, as speed-ups over no speculation.</summary>
public static class SpeculationCheck
{
    /// <summary>Predicts the sweep with what ships.</summary>
    /// <param name="h100">The H100 profile.</param>
    /// <param name="samples">The sweep; rows without speculation included.</param>
    /// <exception cref="CalibrationException">A row has no counterpart without speculation.</exception>
    public static SpeculationReport Run(HardwareProfile h100, IReadOnlyList<SpeculationSample> samples)
    {
        double[] predicted = new SpeculationStudy(h100).Predict(samples, SpeculationStudy.HostSeconds, SpeculationOverheads.Vllm);
        Dictionary<int, (double Measured, double Predicted)> plain = Enumerable.Range(0, samples.Count)
            .Where(i => samples[i].Draft is null)
            .ToDictionary(i => samples[i].InFlight, i => (samples[i].OutputTokensPerSecond, predicted[i]));
        SpeculationPoint[] points = [.. Enumerable.Range(0, samples.Count).Where(i => samples[i].Draft is not null).Select(Point)];
        return new SpeculationReport(points, [.. Errors(points)], [.. BreakEvens(points)]);

        SpeculationPoint Point(int i) =>
            plain.TryGetValue(samples[i].InFlight, out (double Measured, double Predicted) without)
                ? new SpeculationPoint(samples[i], samples[i].OutputTokensPerSecond / without.Measured, predicted[i] / without.Predicted)
                : throw new CalibrationException($"full-bench-data_qwen3-32b: no row without speculation at {samples[i].InFlight} requests in flight was found; one was expected.");
    }

    private static IEnumerable<SpeculationError> Errors(SpeculationPoint[] points)
    {
        yield return Error("fitted to", [.. points.Where(point => SpeculationFit.IsFitted(point.Sample))]);
        SpeculationPoint[] kept = [.. points.Where(point => !SpeculationFit.IsFitted(point.Sample))];
        foreach (IGrouping<string, SpeculationPoint> draft in kept.GroupBy(point => point.Sample.Draft!).OrderBy(group => group.Key, StringComparer.Ordinal))
            yield return Error($"kept, {draft.Key}", [.. draft]);
        yield return Error("kept, all", kept);
        yield return Error("all", points);
    }

    private static SpeculationError Error(string rows, SpeculationPoint[] points)
    {
        double[] errors = [.. points.Select(point => point.Predicted - point.Measured)];
        return new SpeculationError(rows, errors.Length, errors.Average(Math.Abs), errors.Average(), errors.Max(Math.Abs));
    }

    private static IEnumerable<BreakEven> BreakEvens(SpeculationPoint[] points)
    {
        foreach (var setting in points.GroupBy(point => (point.Sample.Draft, point.Sample.DraftTokens)).OrderBy(group => group.Key))
        {
            SpeculationPoint[] rising = [.. setting.OrderBy(point => point.Sample.InFlight)];
            int measured = Below(rising, point => point.Measured);
            int predicted = Below(rising, point => point.Predicted);
            yield return new BreakEven(setting.Key.Draft!, setting.Key.DraftTokens, At(measured), At(predicted), Math.Abs(measured - predicted));

            int? At(int index) => index < rising.Length ? rising[index].Sample.InFlight : null;
        }

        // The place after the last where it never loses.
        static int Below(SpeculationPoint[] rising, Func<SpeculationPoint, double> speedUp)
        {
            int index = Array.FindIndex(rising, point => speedUp(point) < 1);
            return index < 0 ? rising.Length : index;
        }
    }
}
