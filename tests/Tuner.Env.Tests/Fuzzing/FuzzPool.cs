namespace Tuner.Env.Fuzzing;

/// <summary>A pool of a drawn layout.</summary>
/// <param name="Replicas">Replicas, at least 1.</param>
/// <param name="Tensor">GPUs each layer is split over.</param>
/// <param name="Pipeline">Pipeline stages.</param>
/// <param name="MinPrompt">Shortest prompt it takes, tokens.</param>
/// <param name="MaxPrompt">Longest prompt it takes, tokens.</param>
internal sealed record FuzzPool(int Replicas, int Tensor, int Pipeline, int MinPrompt, int MaxPrompt);
