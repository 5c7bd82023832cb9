namespace Tuner.Kernels.Calibration.Published;

/// <summary>Static batches of one GPU, predicted and compared.</summary>
/// <param name="Errors">Errors by engine, formats and parallelism.</param>
/// <param name="Ranks">Whether the best parallelism is picked.</param>
/// <param name="NotCovered">Batches the cost model has no kernels for.</param>
public sealed record StaticBatchReport(IReadOnlyList<StaticBatchError> Errors, IReadOnlyList<RankResult> Ranks, int NotCovered);
