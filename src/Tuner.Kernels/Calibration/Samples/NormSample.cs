namespace Tuner.Kernels.Calibration.Samples;

/// <summary>One timed root-mean-square normalisation.</summary>
/// <param name="Rows">Tokens.</param>
/// <param name="Width">Width of the residual stream.</param>
/// <param name="Seconds">Time of one call.</param>
/// <param name="Spread">Interquartile range of the calls as a share of their median; null where only one time is known.</param>
public readonly record struct NormSample(int Rows, int Width, double Seconds, double? Spread = null);
