using System.Globalization;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Times the GPU kernels on the GPU at hand, point by point into a journal, and reads the journal back as measurements.</summary>
public static class GpuCalibration
{
    /// <summary>Points of a grid, those of Tuner's own kernels.</summary>
    public static int Points(GpuGrid grid) => GpuProducts.Points(grid) + GpuAttention.Points(grid) + GpuCopies.Points(grid);

    /// <summary>Points of a grid that cuBLASLt adds where it is there.</summary>
    public static int LibraryPoints(GpuGrid grid) => GpuLibraryProducts.Points(grid);

    /// <summary>Measures what the journal does not have yet.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="grid">The shapes.</param>
    /// <param name="journal">Where points go.</param>
    /// <param name="progress">Told before each point; null when nobody looks.</param>
    /// <param name="cancellation">Looked at before each point; what is measured stays in the journal.</param>
    /// <returns>The board's power limit, how clock and power were read, and what was found of cuBLASLt.</returns>
    /// <exception cref="CalibrationException">The GPU's peak rates are not known, or its memory is too small.</exception>
    /// <exception cref="CudaException">The driver refuses; what is measured stays in the journal.</exception>
    public static (double? LimitWatts, string Meter, string Library) Measure(CudaDevice device, GpuGrid grid, GpuJournal journal, IProgress<CalibrationProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var session = new GpuSession(device, journal, Points(grid), LibraryPoints(grid), progress, cancellation);
        new GpuCopies(session, grid).Run();
        new GpuAttention(session, grid).Run();
        new GpuProducts(session, grid).Run();
        return (session.Meter?.LimitWatts, GpuMeter.Describe(session.Meter), session.LibraryFound);
    }

    /// <summary>Everything a journal holds of a grid, as fits take it; refused points are left out.</summary>
    public static KernelMeasurements Read(CudaDeviceSpec device, int driverVersion, DateOnly date, GpuGrid grid, IReadOnlyDictionary<string, GpuPoint> points) => new()
    {
        Device = ShortName(device.Name),
        Engine = "tuner kernels",
        Source = string.Create(CultureInfo.InvariantCulture, $"{device}, CUDA driver {driverVersion / 1000}.{driverVersion % 1000 / 10}, {date:yyyy-MM-dd}"),
        Gemm = [.. GpuProducts.Samples(grid, points)],
        LibraryGemm = [.. GpuLibraryProducts.Samples(grid, points)],
        Attention = [.. GpuAttention.Samples(grid, points)],
        Copies = [.. GpuCopies.Samples(grid, points)],
        IdleWatts = points.TryGetValue(GpuCopies.IdleKey, out GpuPoint? idle) ? idle.Watts : null,
    };

    /// <summary>What published tables call a GPU: <c>NVIDIA H200</c> is <c>h200</c>, <c>NVIDIA H100 80GB HBM3</c> is <c>h100</c>.</summary>
    public static string ShortName(string name)
    {
        string[] words = name.Replace("NVIDIA", "", StringComparison.Ordinal).Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? "gpu" : words[0].ToLowerInvariant();
    }
}
