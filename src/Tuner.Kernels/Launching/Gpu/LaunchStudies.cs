using System.Globalization;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Launching.Recorded;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Launching.Gpu;

/// <summary>Chooses launches on the GPU at hand, keeps them, and compares the choice with simpler ones and with exhaustive search.</summary>
public static class LaunchStudies
{
    private const int FixedThreads = 256;
    private const int ExhaustiveTimings = 3;

    /// <summary>Products from decoding to prefill, and activations of a prefill and of a decode step.</summary>
    private static readonly ProductShape[] Products = [new(16, 4096, 4096), new(64, 8192, 8192), new(256, 4096, 14_336), new(2048, 8192, 8192)];
    private static readonly (int Rows, int Width)[] Rows = [(64, 8192), (8192, 8192)];

    /// <summary>Runs every study.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="driverVersion">The driver's CUDA version.</param>
    /// <param name="kept">Where choices are kept, and taken from when they are there.</param>
    /// <param name="progress">Told before each; null when nobody looks.</param>
    /// <param name="cancellation">Looked at before each timing; choices made stay in the file.</param>
    /// <exception cref="CalibrationException">The GPU's peak rates are not known, or nothing could run.</exception>
    /// <exception cref="CudaException">The driver refuses.</exception>
    public static IReadOnlyList<LaunchStudy> Run(CudaDevice device, int driverVersion, LaunchChoiceFile kept, IProgress<CalibrationProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var session = new GpuSession(device, null, 0, 0, null, cancellation);
        var studies = new List<LaunchStudy>();
        int total = Products.Length + Rows.Length;
        foreach (ProductShape shape in Products)
        {
            progress?.Report(new CalibrationProgress(studies.Count, total, $"product {shape}"));
            using var launches = new ProductLaunches(session, shape);
            studies.Add(Study(session, launches, driverVersion, kept, cancellation));
        }

        foreach ((int rows, int width) in Rows)
        {
            progress?.Report(new CalibrationProgress(studies.Count, total, $"quantise {rows} × {width}"));
            using var launches = new QuantiseLaunches(session, rows, width);
            studies.Add(Study(session, launches, driverVersion, kept, cancellation));
        }

        return studies;
    }

    /// <summary>One kernel on one shape.</summary>
    internal static LaunchStudy Study(GpuSession session, GpuLaunches launches, int driverVersion, LaunchChoiceFile kept, CancellationToken cancellation)
    {
        CudaDeviceSpec device = session.Device.Spec;
        var gpu = new GpuSpec(device.Name, new ComputeCapability(device.ComputeMajor, device.ComputeMinor), device.Multiprocessors, session.Peaks.Bf16FlopsPerSecond, session.Peaks.MemoryBytesPerSecond);
        LaunchSpace space = launches.Space;
        var occupancy = new DriverOccupancy(session, launches, gpu.Limits);
        var timer = new DriverLaunchTimer(session, launches);
        var key = new LaunchKey(device.Name, string.Create(CultureInfo.InvariantCulture, $"{driverVersion / 1000}.{driverVersion % 1000 / 10}"), launches.Hash(), LaunchKey.Bucket([.. launches.Sizes]));
        int timings = 0;
        int chosen = kept.FindOrChoose(key, space, () =>
        {
            LaunchChoice? choice = LaunchChooser.Choose(space, timer, configuration => RooflinePrior.Seconds(gpu, launches.Work(configuration, occupancy.Registers(configuration))), cancellation: cancellation);
            timings = choice?.Timings ?? 0;
            return choice;
        }) ?? throw new CalibrationException($"{launches.Name}: none of the launches tried could run: {timer.Time(0).Failure ?? "no reason given"}");

        var seconds = new double[space.Count];
        string? why = null;
        for (int i = 0; i < seconds.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            LaunchTiming[] each = [.. Enumerable.Range(0, ExhaustiveTimings).Select(_ => timer.Time(i))];
            why ??= each.FirstOrDefault(timing => timing.Failure is not null).Failure;
            double[] times = [.. each.Select(timing => timing.Seconds).Order()];
            seconds[i] = each.All(timing => timing.Failure is null) ? times[ExhaustiveTimings / 2] : double.PositiveInfinity;
        }

        int[] runs = [.. Enumerable.Range(0, space.Count).Where(i => double.IsFinite(seconds[i]))];
        if (runs.Length == 0)
            throw new CalibrationException($"{launches.Name}: no launch could run: {why}");
        int best = runs.MinBy(i => seconds[i]);
        int suggested = runs.OrderByDescending(occupancy.DriverThreads).ThenByDescending(i => launches.Kernel(i).Threads).First();
        double[] wide = [.. runs.Where(i => launches.Kernel(i).Threads == FixedThreads).Select(i => seconds[best] / seconds[i]).Order()];
        return new LaunchStudy(
            launches.Name, space.Count, space.Count - runs.Length, space.Describe(chosen), seconds[best] / seconds[chosen], timings, ExhaustiveTimings * space.Count, space.Describe(best), seconds[best],
            wide.Length == 0 ? null : new GroupShare(wide.Length, Timing.Quantile(wide, 0.5), wide[^1]),
            space.Describe(suggested), seconds[best] / seconds[suggested], occupancy.Compared, occupancy.Differs, why);
    }
}
