using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>What a GPU cannot exceed: its units at its highest clock, and its memory's bus.</summary>
/// <param name="Bf16FlopsPerSecond">Dense bf16 products with 32-bit sums.</param>
/// <param name="Fp8FlopsPerSecond">Dense FP8 products; 0 without FP8 units.</param>
/// <param name="MemoryBytesPerSecond">Memory.</param>
public sealed record GpuPeaks(double Bf16FlopsPerSecond, double Fp8FlopsPerSecond, double MemoryBytesPerSecond)
{
    /// <summary>
    /// Dense floating-point operations of a multiprocessor in a clock, bf16 with 32-bit sums and FP8. NVIDIA A100 white paper (2020): 4 tensor cores
    /// of 256 multiply-adds. NVIDIA H100 white paper (2022): twice that, and FP8 twice bf16. NVIDIA Ada white paper (2022): RTX 4090's 165 and 330
    /// TFLOPS over 128 multiprocessors at 2.52 GHz. B200's 2250 and 4500 TFLOPS (DGX B200 data sheet, 2024) over 148 at 1.85 GHz.
    /// </summary>
    private static readonly Dictionary<(int Major, int Minor), (double Bf16, double Fp8)> OfMultiprocessor = new()
    {
        [(8, 0)] = (2048, 0),
        [(8, 6)] = (512, 0),
        [(8, 9)] = (512, 1024),
        [(9, 0)] = (4096, 8192),
        [(10, 0)] = (8192, 16384),
    };

    /// <summary>The peaks of a GPU.</summary>
    /// <exception cref="CalibrationException">Its rates are not known, so that no result could be refused.</exception>
    public static GpuPeaks Of(CudaDeviceSpec device)
    {
        if (!OfMultiprocessor.TryGetValue((device.ComputeMajor, device.ComputeMinor), out (double Bf16, double Fp8) rates))
            throw new CalibrationException($"{device}: the peak rates of compute capability {device.ComputeMajor}.{device.ComputeMinor} are not known; known are {string.Join(", ", OfMultiprocessor.Keys.Select(key => $"{key.Major}.{key.Minor}"))}.");
        double clocks = device.Multiprocessors * device.ClockHertz;
        return new GpuPeaks(rates.Bf16 * clocks, rates.Fp8 * clocks, device.MemoryBytesPerSecond);
    }

    /// <summary>The least time of an amount of work.</summary>
    /// <param name="flops">Operations.</param>
    /// <param name="fp8">Whether they are FP8.</param>
    /// <param name="bytes">Bytes that must cross the memory's bus.</param>
    public double LeastSeconds(double flops, bool fp8, double bytes) => Math.Max(flops / (fp8 ? Fp8FlopsPerSecond : Bf16FlopsPerSecond), bytes / MemoryBytesPerSecond);
}
