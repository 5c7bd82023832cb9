using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Samples;

/// <summary>One timed collective operation.</summary>
/// <param name="Operation">What the devices exchanged.</param>
/// <param name="Captured">Whether it ran inside a captured graph, without the host's launch time.</param>
/// <param name="Devices">Devices taking part.</param>
/// <param name="Bytes">Size of the message on each device.</param>
/// <param name="Seconds">Time of one call.</param>
public readonly record struct CollectiveSample(CollectiveOperation Operation, bool Captured, int Devices, long Bytes, double Seconds);
