namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>One measured point of a GPU calibration.</summary>
/// <param name="Key">Which point of the grid, such as <c>gemm/bf16/128/4096/4096</c>.</param>
/// <param name="Kernel">The kernel that was quickest, or what was done.</param>
/// <param name="Seconds">Median time of a call.</param>
/// <param name="Spread">Interquartile range as a share of the median.</param>
/// <param name="ClockMegahertz">Clock of the multiprocessors right after; null where it could not be read.</param>
/// <param name="Watts">Board power right after; null where it could not be read.</param>
/// <param name="Refused">Why the time is not used; null when it is.</param>
public sealed record GpuPoint(string Key, string Kernel, double Seconds, double Spread, double? ClockMegahertz = null, double? Watts = null, string? Refused = null);
