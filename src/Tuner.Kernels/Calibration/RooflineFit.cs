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

    private static void Require(int found, int least, string what)
    {
        if (found < least)
            throw new CalibrationException($"{found} measurements of {what} were found; at least {least} are needed for a fit.");
    }
}
