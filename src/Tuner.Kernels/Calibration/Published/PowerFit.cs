using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Fits a GPU's power to the mean power of repeated kernels.</summary>
/// <remarks>
/// The tables average over a window that short runs do not fill, so readings err low; the fits take medians, of calls long enough. Idle power
/// is the first percentile of all readings, of calls that leave the GPU waiting for its host. GPUs without readings take the shares of the
/// limit of one that has them.
/// </remarks>
internal static class PowerFit
{
    /// <summary>The GPU whose figures stand for those without readings.</summary>
    private const string Reference = "h200";

    /// <summary>Products shorter than this leave gaps between launches.</summary>
    private const double LongSeconds = 30e-6;

    /// <summary>The power of a GPU and, where it has readings, how well the fit reproduces them.</summary>
    /// <exception cref="CalibrationException">A table is missing or malformed.</exception>
    public static (PowerTerm Term, FitError? Error) Run(string folder, string device)
    {
        double limit = DeviceFacts.Read(folder, device).TdpWatts;
        if (PublishedTables.HasPower(folder, device))
            return Fit(folder, device);
        return (Scaled(folder, limit), null);
    }

    /// <summary>The power of a GPU without readings: another's shares of the limit.</summary>
    /// <param name="folder">The folder that holds <c>aiconfigurator/</c>.</param>
    /// <param name="limit">What the board allows, watts.</param>
    public static PowerTerm Scaled(string folder, double limit)
    {
        (PowerTerm known, _) = Fit(folder, Reference);
        double share = limit / known.LimitWatts;
        return new PowerTerm(Math.Round(share * known.IdleWatts), Math.Round(share * known.MemoryWatts), Math.Round(share * known.ArithmeticWatts), limit, Provenance.Analytic,
            $"{Reference}'s shares of the power limit; {known.Source}");
    }

    private static (PowerTerm Term, FitError Error) Fit(string folder, string device)
    {
        DeviceFacts facts = DeviceFacts.Read(folder, device);
        KernelMeasurements power = PublishedTables.ReadPower(folder, device);
        double limit = facts.TdpWatts;
        double idle = power.Gemm.Select(sample => sample.Watts!.Value).Concat(power.Attention.Select(sample => sample.Watts!.Value)).Quantile(0.01);

        // Few rows of at least 128 MB of weights: next to no arithmetic.
        double memory = power.Gemm.Where(sample => sample.Rows <= 16 && (long)sample.Outputs * sample.Inputs >= 1 << 26)
            .Select(sample => (sample.Watts!.Value - idle) / MemoryShare(sample, facts)).Median();
        double rate = RooflineFit.Gemm(power.Gemm, KernelPrecision.Bf16, 2).FlopsPerSecond;
        (double Memory, double Arithmetic, double Watts)[] products = [.. power.Gemm.Where(sample => sample.Rows >= 128 && sample.Seconds >= LongSeconds)
            .Select(sample => (MemoryShare(sample, facts), 2.0 * sample.Rows * sample.Outputs * sample.Inputs / rate / sample.Seconds, sample.Watts!.Value))];
        double arithmetic = LeastThatFits(products, idle, memory, limit);
        var term = new PowerTerm(Math.Round(idle), Math.Round(memory), Math.Round(arithmetic), limit, Provenance.Published,
            $"{power.Engine} kernel tables of {power.Source}, {device}: idle the first percentile of all readings, memory the median of large products of few rows, arithmetic by least absolute error over products of at least 128 rows, up to the limit");
        FitError error = SurfaceErrors.Summarise(
            $"power, {device}",
            [.. products.Select(product => Math.Log(term.At(product.Memory, product.Arithmetic) / product.Watts))],
            "16-bit products of at least 128 rows and 30 us; the readings it was fitted to");
        return (term, error);
    }

    private static double MemoryShare(GemmSample sample, DeviceFacts facts) =>
        ((2.0 * sample.Outputs * sample.Inputs) + (2.0 * sample.Rows * (sample.Outputs + sample.Inputs))) / sample.Seconds / facts.MemoryBytesPerSecond;

    // Most products run into the limit, so that any large figure fits them nearly alike: the smallest within a twentieth of the best.
    private static double LeastThatFits((double Memory, double Arithmetic, double Watts)[] products, double idle, double memory, double limit)
    {
        double Error(double arithmetic) => products.Average(product => Math.Abs(Math.Min(limit, idle + (memory * product.Memory) + (arithmetic * product.Arithmetic)) - product.Watts));
        double[] candidates = [.. Enumerable.Range(1, 60).Select(i => 0.05 * i * limit)];
        double[] errors = [.. candidates.Select(Error)];
        return candidates[Array.FindIndex(errors, error => error <= 1.05 * errors.Min())];
    }
}
