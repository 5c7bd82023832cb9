using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;
using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration;

/// <summary>Turns CPU measurements into a hardware profile, so that the simulator can serve from this machine.</summary>
/// <remarks>
/// Every fit minimises relative errors. A profile speaks of 8-, 4- and 16-bit GPU formats; each source says which CPU kernel
/// stands for which.
/// </remarks>
public static class CpuProfile
{
    private const double SettledEnough = 1e-10;
    private const int MostSteps = 20_000;

    /// <summary>Fits a profile.</summary>
    /// <param name="measurements">What <see cref="CpuCalibration"/> measured.</param>
    /// <param name="machine">The machine.</param>
    /// <exception cref="ArgumentException">Measurements of a kind are missing.</exception>
    public static HardwareProfile Fit(KernelMeasurements measurements, MachineSpec machine)
    {
        (double copyRate, double copyOverhead) = Line(measurements.Copies.Select(copy => ((double)copy.Bytes, copy.Seconds)), "copies");
        if (measurements.Norms.Count == 0)
            throw new ArgumentException("No normalisations among the measurements.", nameof(measurements));
        bool metered = measurements.IdleWatts is not null;
        return new HardwareProfile
        {
            Name = measurements.Device,
            MemoryBytes = machine.MemoryBytes,
            MemoryBytesPerSecond = FastestStream(measurements),
            Power = Power(measurements),
            HostLink = new HostLinkTerm(copyRate, copyOverhead, Provenance.MeasuredHere, "a copy within memory: one CPU's cache is in its host's memory"),
            HopSeconds = copyOverhead,
            PeerBytesPerSecond = copyRate,
            Engines =
            [
                new EngineKernels
                {
                    Name = "tuner",
                    Version = measurements.Engine,
                    Gemm =
                    [
                        Gemm(measurements, KernelPrecision.Float32, KernelPrecision.Bf16, 4, "32-bit float product, standing for 16-bit: this CPU path has none"),
                        Gemm(measurements, KernelPrecision.Int8WeightOnly, KernelPrecision.Fp8, 1, "8-bit integer weights with a scale a column and 32-bit float arithmetic, standing for FP8"),
                        Gemm(measurements, KernelPrecision.Int4WeightOnly, KernelPrecision.NvFp4, 0.625, "4-bit integer weights with a 32-bit scale for 32 and 32-bit float arithmetic, standing for FP4"),
                    ],
                    Attention =
                    [
                        Attention(measurements, AttentionPhase.Prefill, 32, 16, "causal prefill"),
                        Attention(measurements, AttentionPhase.Decode, 32, 16, "decode over a paged 32-bit float cache standing for 16-bit (bytes counted as 16-bit, so times are right and memory is understated)"),
                        Attention(measurements, AttentionPhase.Decode, 8, 8, "decode over an 8-bit integer cache"),
                    ],
                    Collectives = [],
                    Overheads = new EngineOverheads(0, 0, 0, 2 * measurements.Norms.Min(norm => norm.Seconds), 0, 0, FastestStream(measurements),
                        "layer: two RMS norms of one row measured here; rotary embedding, activation, residuals, step and sequence overhead are not measured and left out"),
                },
            ],
            Sources =
            [
                $"measured here: {measurements.Source}, {measurements.Engine}",
                "all-reduce: none; one CPU has no peers, so only tensor-parallel degree 1 can be simulated",
                "hop and peer bandwidth: a copy within memory",
                metered
                    ? "power: processor package counters (RAPL), memory not included; idle over one second, limit the highest of the products, memory-bound the mean of decode attention"
                    : "power: not measured (no readable RAPL counter), so watts are 0 and joules mean nothing",
            ],
        };
    }

    private static PowerTerm Power(KernelMeasurements measurements)
    {
        double idle = measurements.IdleWatts ?? 0;
        double limit = measurements.Gemm.Max(sample => sample.Watts) ?? 0;
        double streaming = measurements.Attention.Where(sample => sample.Phase == AttentionPhase.Decode).Average(sample => sample.Watts) ?? 0;
        return new PowerTerm(idle, Math.Max(0, streaming - idle), Math.Max(0, limit - idle), limit, Provenance.MeasuredHere, "package counters (RAPL): waiting, decode attention, products");
    }

    /// <summary>time = overhead + √((2mkn / F)² + ((kn·b + 2m(k + n)) / B)²), as <see cref="GemmFit"/> and the cost model have it.</summary>
    private static GemmTerm Gemm(KernelMeasurements measurements, KernelPrecision precision, KernelPrecision standsFor, double bytesPerWeight, string what)
    {
        GemmSample[] samples = [.. measurements.Gemm.Where(sample => sample.Precision == precision)];
        if (samples.Length < 3)
            throw new ArgumentException($"{samples.Length} products in {precision} found; three parameters need at least 3.", nameof(measurements));
        double Flops(GemmSample s) => 2.0 * s.Rows * s.Inputs * s.Outputs;
        double Bytes(GemmSample s) => ((double)s.Inputs * s.Outputs * bytesPerWeight) + (2.0 * s.Rows * (s.Inputs + s.Outputs));
        double ceiling = FastestStream(measurements);
        double Rate(Vector<double> logs) => Math.Min(ceiling, Math.Exp(logs[1]));
        double Predict(Vector<double> logs, GemmSample s) => Math.Exp(logs[2]) + double.Hypot(Flops(s) / Math.Exp(logs[0]), Bytes(s) / Rate(logs));

        // The best rates seen are close to the roofs; logarithms keep all three positive.
        Vector<double> start = Vector<double>.Build.Dense([
            Math.Log(samples.Max(s => Flops(s) / s.Seconds)),
            Math.Log(samples.Max(s => Bytes(s) / s.Seconds)),
            Math.Log(samples.Min(s => s.Seconds) / 2)]);
        IObjectiveFunction objective = ObjectiveFunction.Value(logs => samples.Sum(s => Math.Pow(Math.Log(Predict(logs, s) / s.Seconds), 2)));
        Vector<double> best = new NelderMeadSimplex(SettledEnough, MostSteps).FindMinimum(objective, start).MinimizingPoint;
        (double Predicted, double Measured)[] pairs = [.. samples.Select(s => (Predict(best, s), s.Seconds))];
        var roofline = new GemmFit(Math.Exp(best[0]), Rate(best), Math.Exp(best[2]), bytesPerWeight);
        return new GemmTerm(standsFor, Provenance.MeasuredHere, roofline, null, Spread(pairs), $"measured: {what}; {Error(pairs)}");
    }

    /// <summary>The fastest any kernel here read memory, bytes a second; a copy reads and writes.</summary>
    /// <remarks>Where dequantising hides the memory, a fit would otherwise be free to claim any bandwidth.</remarks>
    private static double FastestStream(KernelMeasurements measurements)
        => measurements.Gemm.Where(s => s.Precision == KernelPrecision.Float32).Select(s => 4.0 * s.Inputs * s.Outputs / s.Seconds)
            .Concat(measurements.Copies.Select(s => 2 * s.Bytes / s.Seconds))
            .Max();

    private static AttentionTerm Attention(KernelMeasurements measurements, AttentionPhase phase, int bits, int standsFor, string what)
    {
        AttentionSample[] samples = [.. measurements.Attention.Where(sample => sample.Phase == phase && sample.KvBits == bits)];
        var unit = new AttentionTerm(phase, standsFor, samples[0].HeadDim, 0, Provenance.MeasuredHere, 1, 0, [], null, 0, "");
        (double Work, double Seconds)[] points = [.. samples.Select(s => (unit.Roofline(s.Heads, s.KvHeads, s.Batch, s.Tokens), s.Seconds))];
        (double rate, double floor) = Line(points, what);
        (double Predicted, double Measured)[] pairs = [.. points.Select(point => (floor + (point.Work / rate), point.Seconds))];
        return unit with { Rate = rate, FloorSeconds = floor, Spread = Spread(pairs), Source = $"measured: {what}, {Error(pairs)}" };
    }

    /// <summary>time = overhead + work / rate, least squares of relative errors; a rate alone where the line would have a negative part.</summary>
    private static (double Rate, double Overhead) Line(IEnumerable<(double Work, double Seconds)> points, string what)
    {
        // Dividing by the time: 1 = overhead · (1 / t) + slope · (work / t).
        double oo = 0, ow = 0, ww = 0, o = 0, w = 0;
        foreach ((double work, double seconds) in points)
        {
            (double a, double b) = (1 / seconds, work / seconds);
            oo += a * a;
            ow += a * b;
            ww += b * b;
            o += a;
            w += b;
        }

        double determinant = (oo * ww) - (ow * ow);
        if (!(determinant > 0))
            throw new ArgumentException($"Fewer than two sizes among the {what}; a line needs two.");
        double overhead = ((o * ww) - (w * ow)) / determinant;
        double slope = ((w * oo) - (o * ow)) / determinant;
        return overhead < 0 || slope <= 0 ? (ww / w, 0) : (1 / slope, overhead);
    }

    private static double Spread(IEnumerable<(double Predicted, double Measured)> pairs) =>
        SurfaceErrors.Spread(pairs.Select(pair => Math.Log(pair.Predicted / pair.Measured)));

    private static string Error(IEnumerable<(double Predicted, double Measured)> pairs)
    {
        double[] errors = [.. pairs.Select(pair => Math.Abs((pair.Predicted / pair.Measured) - 1)).Order()];
        return string.Create(CultureInfo.InvariantCulture, $"median error {Timing.Quantile(errors, 0.5):P0}, worst {errors[^1]:P0} over the {errors.Length} points fitted");
    }
}
