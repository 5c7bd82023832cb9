using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration;

/// <summary>Fits the rooflines of <see cref="HardwareProfile"/>, term by term, to measured kernels.</summary>
/// <remarks>
/// Each term is fitted over the shapes serving meets, not over the whole table: a single product of 32,768 rows, or of 32 columns,
/// says little about an engine step, and engines pad odd batches to the sizes of their captured graphs. Errors are reported over the same shapes, after fitting to all of them.
/// </remarks>
public static class RooflineFit
{
    /// <summary>Matrix products: achieved arithmetic rate, bandwidth and floor.</summary>
    /// <param name="samples">Measurements of every precision.</param>
    /// <param name="precision">The precision fitted.</param>
    /// <param name="bytesPerWeight">Bytes a weight takes, block scales included.</param>
    /// <param name="source">Where the measurements come from.</param>
    /// <returns>The fit and its error.</returns>
    /// <exception cref="CalibrationException">Too few measurements.</exception>
    public static (GemmFit Fit, FitError Error) Gemm(IEnumerable<GemmSample> samples, KernelPrecision precision, double bytesPerWeight, string source)
    {
        GemmSample[] used = [.. samples.Where(sample => sample.Precision == precision && sample.Rows is >= 1 and <= 8192 && (sample.Rows <= 16 || sample.Rows % 16 == 0)
            && sample.Outputs >= 512 && sample.Inputs >= 512 && (long)sample.Outputs * sample.Inputs is >= 1 << 20 and <= 1 << 29)];
        Require(used.Length, 20, $"products in {precision}");
        double[] measured = [.. used.Select(sample => sample.Seconds)];
        double quickest = measured.Min();
        double bandwidth = used.Max(sample => (double)sample.Outputs * sample.Inputs * bytesPerWeight / sample.Seconds);
        double compute = used.Max(sample => 2.0 * sample.Rows * sample.Outputs * sample.Inputs / sample.Seconds);
        double[] best = RobustFit.Fit([0.7 * compute, 0.8 * bandwidth, 0.8 * quickest], Predict, measured);
        var fit = new GemmFit(best[0], best[1], best[2], bytesPerWeight, source);
        var predicted = new double[used.Length];
        Predict(best, predicted);
        return (fit, Compare($"gemm {precision}".ToLowerInvariant(), predicted, measured, "1 to 16 rows and multiples of 16 up to 8192, weights of 1 Mi to 512 Mi elements"));

        void Predict(double[] values, double[] into)
        {
            var candidate = new GemmFit(values[0], values[1], values[2], bytesPerWeight, "");
            for (int i = 0; i < used.Length; i++)
                into[i] = new GemmCost(candidate, used[i].Inputs, used[i].Outputs).Seconds(used[i].Rows);
        }
    }

    /// <summary>Prefill and decode attention for 16-bit and 8-bit caches.</summary>
    /// <param name="samples">Measurements.</param>
    /// <param name="source">Where they come from.</param>
    /// <exception cref="CalibrationException">Too few measurements.</exception>
    public static (AttentionFit Fit, IReadOnlyList<FitError> Errors) Attention(IReadOnlyList<AttentionSample> samples, string source)
    {
        var errors = new List<FitError>();
        (double prefillRate, double prefillFloor) = Line(samples, AttentionPhase.Prefill, 16, errors);
        (double rate16, double floor16) = Line(samples, AttentionPhase.Decode, 16, errors);
        (double rate8, double floor8) = Line(samples, AttentionPhase.Decode, 8, errors);
        return (new AttentionFit(prefillRate, prefillFloor, rate16, rate8, floor16, floor8, source), errors);
    }

    /// <summary>All-reduce inside a captured graph, for each number of devices measured.</summary>
    /// <param name="samples">Measurements.</param>
    public static (IReadOnlyList<CollectiveFit> Fits, IReadOnlyList<FitError> Errors) AllReduce(IEnumerable<CollectiveSample> samples)
    {
        var fits = new List<CollectiveFit>();
        var errors = new List<FitError>();
        foreach (IGrouping<int, CollectiveSample> group in samples
            .Where(sample => sample is { Operation: CollectiveOperation.AllReduce, Captured: true, Bytes: <= 256L << 20 })
            .GroupBy(sample => sample.Devices)
            .OrderBy(group => group.Key))
        {
            CollectiveSample[] used = [.. group];
            double[] measured = [.. used.Select(sample => sample.Seconds)];
            double rate = used.Max(sample => sample.Bytes / sample.Seconds);
            double[] best = RobustFit.Fit([measured.Min(), rate], Predict, measured);
            var predicted = new double[used.Length];
            Predict(best, predicted);
            fits.Add(new CollectiveFit(group.Key, best[0], best[1]));
            errors.Add(Compare($"all-reduce {group.Key}", predicted, measured, "in a captured graph, up to 256 MiB"));

            void Predict(double[] values, double[] into)
            {
                for (int i = 0; i < used.Length; i++)
                    into[i] = values[0] + (used[i].Bytes / values[1]);
            }
        }

        return (fits, errors);
    }

    private static (double Rate, double Floor) Line(IReadOnlyList<AttentionSample> samples, AttentionPhase phase, int bits, List<FitError> errors)
    {
        // Grouped-query attention with the head widths of the models served; windows are another kernel.
        AttentionSample[] used = [.. samples.Where(sample => sample.Phase == phase && sample.KvBits == bits && sample.Window == 0
            && sample.HeadDim is 64 or 128 && sample.Heads > sample.KvHeads && sample.Tokens >= 64)];
        string term = $"{phase} attention, {bits}-bit cache".ToLowerInvariant();
        Require(used.Length, 20, term);
        double[] work = [.. used.Select(sample => phase == AttentionPhase.Prefill
            ? 2.0 * sample.Batch * sample.Tokens * (sample.Tokens + 1.0) * sample.Heads * sample.HeadDim
            : 2.0 * sample.Batch * sample.Tokens * sample.KvHeads * sample.HeadDim * sample.KvBits / 8)];
        double[] measured = [.. used.Select(sample => sample.Seconds)];
        double rate = work.Zip(measured, (amount, seconds) => amount / seconds).Max();
        double[] best = RobustFit.Fit([0.7 * rate, measured.Min()], Predict, measured);
        var predicted = new double[used.Length];
        Predict(best, predicted);
        errors.Add(Compare(term, predicted, measured, "grouped-query heads of 64 or 128, at least 64 tokens"));
        return (best[0], best[1]);

        void Predict(double[] values, double[] into)
        {
            for (int i = 0; i < work.Length; i++)
                into[i] = values[1] + (work[i] / values[0]);
        }
    }

    private static void Require(int found, int least, string what)
    {
        if (found < least)
            throw new CalibrationException($"{found} measurements of {what} were found; at least {least} are needed for a fit.");
    }

    private static FitError Compare(string term, double[] predicted, double[] measured, string scope)
    {
        double[] relative = [.. predicted.Zip(measured, (guess, truth) => (guess / truth) - 1)];
        double[] size = [.. relative.Select(value => Math.Abs(value))];
        return new FitError(term, measured.Length, size.Median(), size.Quantile(0.9), relative.Median(), scope);
    }
}
