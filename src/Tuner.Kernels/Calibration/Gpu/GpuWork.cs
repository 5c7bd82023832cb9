namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>What a call does, against which no time may be too good to be true.</summary>
/// <param name="Flops">Floating-point operations on tensor cores.</param>
/// <param name="Bytes">Bytes that must come from, or go to, the GPU's memory.</param>
/// <param name="IsFp8">Whether the operations are FP8.</param>
internal readonly record struct GpuWork(double Flops, double Bytes, bool IsFp8 = false);
