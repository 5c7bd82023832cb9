namespace Tuner.Env.Costs;

/// <summary>All-reduce over a number of GPUs inside a captured graph: time = latency + bytes / bandwidth.</summary>
/// <param name="Gpus">GPUs taking part.</param>
/// <param name="LatencySeconds">Time of a small message.</param>
/// <param name="BytesPerSecond">Message bytes a second for large ones.</param>
public sealed record CollectiveFit(int Gpus, double LatencySeconds, double BytesPerSecond);
