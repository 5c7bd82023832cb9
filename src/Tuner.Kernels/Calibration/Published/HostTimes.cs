namespace Tuner.Kernels.Calibration.Published;

/// <summary>Host time an engine of the day added to its steps, fitted to a benchmark of it.</summary>
/// <param name="StepSeconds">A step.</param>
/// <param name="SequenceSeconds">Each sequence of it.</param>
public readonly record struct HostTimes(double StepSeconds, double SequenceSeconds);
