namespace Tuner.Engines.CommandLines;

/// <summary>What a parallelism mode means on this engine's GPUs.</summary>
/// <param name="Tensor">GPUs a layer is split over, at least 1.</param>
/// <param name="Pipeline">Stages, at least 1.</param>
/// <param name="Data">Replicas, at least 1.</param>
public sealed record EngineLayout(int Tensor, int Pipeline = 1, int Data = 1);
