using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration;

/// <summary>Fits rooflines to measured kernels, over the shapes serving meets.</summary>
/// <remarks>
/// A single product of 32,768 rows, or of 32 columns, says little about an engine step, and engines pad odd batches to the sizes of their
/// captured graphs.
/// </remarks>
public static class RooflineFit
{
    /// <summary>Matrix products: achieved arithmetic rate, bandwidth and floor.</summary>
    /// <param name="samples">Measurements of every precision.</param>
    /// <param name="precision">The precision fitted.</param>
    /// <param name="bytesPerWeight">Bytes a weight takes, block scales included.</param>
    /// <exception cref="CalibrationException">Too few measurements.</exception>
    public static GemmFit Gemm(IEnumerable<GemmSample> samples, KernelPrecision precision, double bytesPerWeight)
    {
        GemmSample[] used = [.. samples.Where(sample => sample.Precision == precision && sample.Rows is >= 1 and <= 8192 && (sample.Rows <= 16 || sample.Rows % 16 == 0)
            && sample.Outputs >= 512 && sample.Inputs >= 512 && (long)sample.Outputs * sample.Inputs is >= 1 << 20 and <= 1 << 29)];
        Require(used.Length, 20, $"products in {precision}");
        double[] measured = [.. used.Select(sample => sample.Seconds)];
        double bandwidth = used.Max(sample => (double)sample.Outputs * sample.Inputs * bytesPerWeight / sample.Seconds);
        double compute = used.Max(sample => 2.0 * sample.Rows * sample.Outputs * sample.Inputs / sample.Seconds);
        double[] best = RobustFit.Fit([0.7 * compute, 0.8 * bandwidth, 0.8 * measured.Min()], Predict, measured);
        return new GemmFit(best[0], best[1], best[2], bytesPerWeight);

        void Predict(double[] values, double[] into)
        {
            var candidate = new GemmFit(values[0], values[1], values[2], bytesPerWeight);
            for (int i = 0; i < used.Length; i++)
                into[i] = candidate.Seconds(used[i].Rows, used[i].Outputs, used[i].Inputs);
        }
    }

    /// <summary>One attention kernel: operations or bytes a second, and the floor of a call.</summary>
    /// <param name="samples">Measurements of that kernel: one phase, cache format, head width and window.</param>
    /// <exception cref="CalibrationException">Too few measurements.</exception>
    public static (double Rate, double FloorSeconds) Attention(IReadOnlyList<AttentionSample> samples)
    {
        AttentionSample[] used = [.. samples.Where(sample => sample.Heads > sample.KvHeads && sample.Tokens >= 64)];
        Require(used.Length, 20, "attention");
        AttentionSample first = used[0];
        AttentionTerm Term(double rate, double floor) =>
            new(first.Phase, first.KvBits, first.HeadDim, first.Window, Provenance.Published, rate, floor, [], null, 0, "");
        double[] measured = [.. used.Select(sample => sample.Seconds)];
        AttentionTerm unit = Term(1, 0);
        double[] work = [.. used.Select(sample => unit.Roofline(sample.Heads, sample.KvHeads, sample.Batch, sample.Tokens))];
        double fastest = work.Zip(measured, (amount, seconds) => amount / seconds).Max();
        double[] best = RobustFit.Fit([0.7 * fastest, measured.Min()], Predict, measured);
        return (best[0], best[1]);

        void Predict(double[] values, double[] into)
        {
            for (int i = 0; i < work.Length; i++)
                into[i] = values[1] + (work[i] / values[0]);
        }
    }

    /// <summary>Routed experts: arithmetic rate, bandwidth, floor, and passes of the activations.</summary>
    /// <param name="samples">Measurements of one precision.</param>
    /// <param name="bytesPerWeight">Bytes a weight takes, block scales included.</param>
    /// <exception cref="CalibrationException">Too few measurements.</exception>
    public static ExpertFit Experts(IReadOnlyList<ExpertSample> samples, double bytesPerWeight)
    {
        Require(samples.Count, 20, "experts");
        double[] measured = [.. samples.Select(sample => sample.Seconds)];
        RoutedLoad[] loads = [.. samples.Select(sample => RoutedLoad.Of(sample.Rows, sample.Layout, sample.Skew))];
        double[] weights = [.. samples.Select(sample => 3.0 * sample.Layout.Hidden * sample.Layout.Width)];
        double[] bandwidths = [.. loads.Select((load, i) => load.Touched * weights[i] * bytesPerWeight / measured[i])];
        double[] rates = [.. loads.Select((load, i) => 2 * load.Visits * weights[i] / measured[i])];
        double[] best = RobustFit.Fit([0.7 * rates.Max(), 0.7 * bandwidths.Quantile(0.9), measured.Min(), 1], Predict, measured);
        return new ExpertFit(best[0], best[1], best[2], best[3], bytesPerWeight);

        void Predict(double[] values, double[] into)
        {
            var candidate = new ExpertFit(values[0], values[1], values[2], values[3], bytesPerWeight);
            for (int i = 0; i < into.Length; i++)
                into[i] = candidate.Seconds(samples[i].Layout, loads[i]);
        }
    }

    private static void Require(int found, int least, string what)
    {
        if (found < least)
            throw new CalibrationException($"{found} measurements of {what} were found; at least {least} are needed for a fit.");
    }
}
