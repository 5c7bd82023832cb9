namespace Tuner.Kernels.Calibration.Published;

/// <summary>How far predicted batches lie from measured ones.</summary>
/// <param name="Batches">Which, in words.</param>
/// <param name="Fitted">Whether host times were fitted to them.</param>
/// <param name="Count">How many.</param>
/// <param name="MeanError">Mean of |predicted / measured − 1| of the batch's time; throughput, its inverse, is off by as much.</param>
/// <param name="Bias">Mean of predicted / measured − 1: below 0, predictions are too quick.</param>
public sealed record StaticBatchError(string Batches, bool Fitted, int Count, double MeanError, double Bias);
