namespace Tuner.Kernels.Calibration.Published;

/// <summary>How another measurement of a class of kernels compares with a profile's prediction.</summary>
/// <param name="Kernels">Which, in words.</param>
/// <param name="Count">Calls compared.</param>
/// <param name="Median">Median of measured over predicted.</param>
/// <param name="Low">Its first decile.</param>
/// <param name="High">Its last decile.</param>
public sealed record KernelRatio(string Kernels, int Count, double Median, double Low, double High);
