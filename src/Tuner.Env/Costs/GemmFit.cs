namespace Tuner.Env.Costs;

/// <summary>What matrix multiplications of one precision achieve: time = overhead + √((flops/compute)² + (bytes/bandwidth)²).</summary>
/// <remarks>The root of squares is a roofline with a rounded corner: near the ridge real kernels reach neither roof.</remarks>
/// <param name="FlopsPerSecond">Achieved arithmetic rate of large products.</param>
/// <param name="BytesPerSecond">Achieved weight-streaming bandwidth.</param>
/// <param name="OverheadSeconds">Floor of one call.</param>
/// <param name="BytesPerWeight">Bytes read a weight, block scales included.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record GemmFit(double FlopsPerSecond, double BytesPerSecond, double OverheadSeconds, double BytesPerWeight, string Source);
