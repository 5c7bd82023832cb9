namespace Tuner.Kernels.Calibration.Samples;

/// <summary>One timed copy.</summary>
/// <param name="Path">From where to where.</param>
/// <param name="Bytes">Bytes copied.</param>
/// <param name="Seconds">Time of one copy.</param>
/// <param name="Spread">Interquartile range of the calls as a share of their median; null where only one time is known.</param>
public readonly record struct CopySample(CopyPath Path, long Bytes, double Seconds, double? Spread = null);
