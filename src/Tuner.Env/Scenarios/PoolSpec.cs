namespace Tuner.Env.Scenarios;

/// <summary>Replicas of one shape, and the requests they take.</summary>
/// <param name="Replicas">How many replicas, at least 1.</param>
/// <param name="TensorParallel">GPUs each layer is split over, at least 1.</param>
/// <param name="PipelineParallel">Pipeline stages, at least 1.</param>
/// <param name="MinPromptTokens">Shortest prompt this pool takes.</param>
/// <param name="MaxPromptTokens">Longest prompt this pool takes.</param>
public sealed record PoolSpec(
    int Replicas,
    int TensorParallel,
    int PipelineParallel,
    int MinPromptTokens = 0,
    int MaxPromptTokens = int.MaxValue)
{
    /// <summary>GPUs of the pool.</summary>
    public int Gpus => Replicas * TensorParallel * PipelineParallel;
}
