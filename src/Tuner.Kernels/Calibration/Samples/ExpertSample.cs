using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Samples;

/// <summary>One timed call of the routed experts of a layer on the busiest GPU: gate, up and down, routing included.</summary>
/// <param name="Precision">Number format.</param>
/// <param name="Rows">Tokens of the whole expert-parallel group.</param>
/// <param name="Intermediate">Width of a whole expert.</param>
/// <param name="Layout">The experts on this GPU.</param>
/// <param name="Skew">Exponent of the routing's power law; 0 is balanced.</param>
/// <param name="Seconds">Time of one call.</param>
public readonly record struct ExpertSample(KernelPrecision Precision, int Rows, int Intermediate, ExpertLayout Layout, double Skew, double Seconds);
