using System.Globalization;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Turns GPU measurements into a hardware profile, with the same surfaces published tables are fitted with.</summary>
public static class GpuProfile
{
    /// <summary>Fewest calls an attention kernel is fitted to.</summary>
    private const int FewestAttention = 20;

    /// <summary>Bandwidth between GPUs is not measured on one; the link to the host stands for it.</summary>
    private const string OneGpu = "all-reduce and messages between GPUs: not measured, one GPU was at hand; only tensor-parallel degree 1 can be simulated, and the host's link stands for others";

    /// <summary>Fits a profile.</summary>
    /// <param name="measurements">What <see cref="GpuCalibration.Read"/> gave.</param>
    /// <param name="points">The journal's points.</param>
    /// <param name="device">The GPU.</param>
    /// <param name="grid">The shapes measured.</param>
    /// <param name="limitWatts">The board's power limit; null where it was not read.</param>
    /// <param name="meter">How clock and power were read.</param>
    /// <exception cref="CalibrationException">Too few measurements for a fit.</exception>
    public static HardwareProfile Fit(KernelMeasurements measurements, IReadOnlyDictionary<string, GpuPoint> points, CudaDeviceSpec device, GpuGrid grid, double? limitWatts, string meter)
    {
        var errors = new List<FitError>();
        string source = $"measured: {measurements.Engine}, {measurements.Source}";
        (double link, double copy) = HostLink(measurements);
        return new HardwareProfile
        {
            Name = measurements.Device,
            MemoryBytes = device.MemoryBytes,
            MemoryBytesPerSecond = device.MemoryBytesPerSecond,
            Power = Power(points, measurements, device, limitWatts),
            HostLink = new HostLinkTerm(link, copy, Provenance.MeasuredHere, source),
            HopSeconds = copy,
            PeerBytesPerSecond = link,
            Engines =
            [
                new EngineKernels
                {
                    Name = "tuner",
                    Version = measurements.Engine,
                    Gemm = GpuProductTerms.Fit(measurements, GpuLibraryProducts.VersionIn(points), source, errors),
                    Attention = Attention(measurements, source, errors),
                    Mixed = CoRun(points, grid),
                    Collectives = [],
                    Overheads = Overheads(points, measurements),
                },
            ],
            Borrowers = EngineFile.Shipped,
            Errors = errors,
            Sources = [source, meter, Library(points), Overlap(points), Refused(points), OneGpu],
        };
    }

    private static AttentionTerm[] Attention(KernelMeasurements measurements, string source, List<FitError> errors)
    {
        var terms = new List<AttentionTerm>();
        foreach ((AttentionPhase phase, int bits) in (ReadOnlySpan<(AttentionPhase, int)>)[(AttentionPhase.Prefill, 16), (AttentionPhase.Decode, 16), (AttentionPhase.Decode, 8)])
        {
            foreach (int width in measurements.Attention.Select(sample => sample.HeadDim).Distinct().Order())
            {
                if (AttentionSurface.Fit(measurements.Attention, phase, bits, width, 0, source, $"{phase} attention, {bits}-bit cache, heads of {width}".ToLowerInvariant(), fewest: FewestAttention) is not { } fitted)
                    continue;
                terms.Add(fitted.Term with { Provenance = Provenance.MeasuredHere });
                errors.Add(fitted.Error);
            }
        }

        return [.. terms];
    }

    private static (double BytesPerSecond, double CopySeconds) HostLink(KernelMeasurements measurements)
    {
        CopySample[] copies = [.. measurements.Copies.Where(sample => sample.Path == CopyPath.HostToDevice).OrderBy(sample => sample.Bytes)];
        if (copies.Length < 2)
            throw new CalibrationException($"{copies.Length} copies from the host were measured; a line needs two.");
        double slope = (copies[^1].Seconds - copies[0].Seconds) / (copies[^1].Bytes - copies[0].Bytes);
        return (1 / slope, Math.Max(0, copies[0].Seconds - (slope * copies[0].Bytes)));
    }

    private static MixedAttentionTerm? CoRun(IReadOnlyDictionary<string, GpuPoint> points, GpuGrid grid)
    {
        double[] logs = [.. GpuAttention.CoRuns(grid).Select(run => points.TryGetValue(GpuAttention.CoRunKey(run.Prompt, run.Sequences, run.Tokens), out GpuPoint? point) ? Math.Log(point.Seconds) : double.NaN)];
        return logs.Any(double.IsNaN)
            ? null
            : new MixedAttentionTerm(new ResidualGrid(grid.CoRunPrompts, grid.CoRunSequences, grid.CoRunTokens, logs), 0, "measured: a prompt's attention and decode attention on two streams, as many of the shorter as fill the longer's time, over one after the other");
    }

    private static EngineOverheads Overheads(IReadOnlyDictionary<string, GpuPoint> points, KernelMeasurements measurements)
    {
        if (!points.TryGetValue(GpuCopies.LayerKey, out GpuPoint? layer) || !points.TryGetValue(GpuCopies.ElementwiseKey, out GpuPoint? many))
            throw new CalibrationException("The small kernels of a layer were not measured.");
        return new EngineOverheads(0, 0, 0, layer.Seconds, 0, 0, GpuCopies.ElementwiseBytes / many.Seconds, $"layer: norm, rotation and activation of one row, measured ({measurements.Source}); host time: none, kernels only; the engines listed as borrowers add theirs");
    }

    private static PowerTerm Power(IReadOnlyDictionary<string, GpuPoint> points, KernelMeasurements measurements, CudaDeviceSpec device, double? limitWatts)
    {
        if (measurements.IdleWatts is not { } idle || limitWatts is not { } limit
            || points.GetValueOrDefault(GpuCopies.MemoryKey) is not { Watts: { } streaming }
            || points.GetValueOrDefault(GpuCopies.ArithmeticKey) is not { Watts: { } multiplying })
            return new PowerTerm(0, 0, 0, 0, Provenance.MeasuredHere, "not measured: watts are 0, and joules mean nothing");

        // Copies within memory read and write.
        CopySample largest = measurements.Copies.Where(sample => sample.Path == CopyPath.DeviceToDevice).MaxBy(sample => sample.Bytes);
        double share = Math.Clamp(2 * largest.Bytes / largest.Seconds / device.MemoryBytesPerSecond, 0.1, 1);
        return new PowerTerm(Math.Round(idle), Math.Round(Math.Max(0, streaming - idle) / share), Math.Round(Math.Max(0, multiplying - idle)), limit, Provenance.MeasuredHere, $"NVML after a second and a half each of rest, copies within memory and large bf16 products; {measurements.Source}");
    }

    private static string Library(IReadOnlyDictionary<string, GpuPoint> points) => GpuLibraryProducts.VersionIn(points) is { } version
        ? $"{version} was timed beside Tuner's own products; each product's source says which is in the profile"
        : "cuBLASLt, which engines call, was not at hand: products are Tuner's own";

    private static string Overlap(IReadOnlyDictionary<string, GpuPoint> points) => points.TryGetValue(GpuCopies.OverlapKey, out GpuPoint? point)
        ? string.Create(CultureInfo.InvariantCulture, $"a copy from the host beside bf16 products on two streams takes {point.Seconds:0.00} times the longer of the two")
        : "overlap of copies and products: not measured";

    private static string Refused(IReadOnlyDictionary<string, GpuPoint> points)
    {
        int refused = points.Values.Count(point => point.Refused is not null);
        return string.Create(CultureInfo.InvariantCulture, $"{points.Count} points measured, {refused} refused as quicker than the GPU's peak rates allow");
    }
}
