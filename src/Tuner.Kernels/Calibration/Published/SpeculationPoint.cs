namespace Tuner.Kernels.Calibration.Published;

/// <summary>One row of the sweep with its speed-up over no speculation at the same concurrency.</summary>
/// <param name="Sample">The row.</param>
/// <param name="Measured">Measured speed-up.</param>
/// <param name="Predicted">Predicted speed-up.</param>
public readonly record struct SpeculationPoint(SpeculationSample Sample, double Measured, double Predicted);
