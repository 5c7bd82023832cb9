using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Samples;

/// <summary>One timed product y[rows, outputs] = x[rows, inputs] · w[inputs, outputs].</summary>
/// <param name="Precision">Number format.</param>
/// <param name="Rows">Tokens.</param>
/// <param name="Outputs">Columns of the result.</param>
/// <param name="Inputs">Length of the dot products.</param>
/// <param name="Seconds">Time of one call.</param>
/// <param name="Watts">Mean board power while the call repeats; null where it was not recorded.</param>
public readonly record struct GemmSample(KernelPrecision Precision, int Rows, int Outputs, int Inputs, double Seconds, double? Watts = null);
