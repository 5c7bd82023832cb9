namespace Tuner.Kernels.Calibration.Published;

/// <summary>How far predicted speed-ups lie from measured ones.</summary>
/// <param name="Rows">Which rows, in words.</param>
/// <param name="Count">How many.</param>
/// <param name="MeanError">Mean of |predicted − measured|, in multiples of the speed without speculation.</param>
/// <param name="Bias">Mean of predicted − measured.</param>
/// <param name="WorstError">Largest of |predicted − measured|.</param>
public sealed record SpeculationError(string Rows, int Count, double MeanError, double Bias, double WorstError);
