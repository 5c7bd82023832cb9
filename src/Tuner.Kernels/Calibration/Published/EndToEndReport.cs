namespace Tuner.Kernels.Calibration.Published;

/// <summary>How a profile compares with served benchmarks.</summary>
/// <param name="Errors">By model, engine and tensor-parallel degree.</param>
/// <param name="Halves">By engine, on the configurations its overheads were fitted to and on those that were kept.</param>
/// <param name="NotCovered">Benchmarks of this GPU that the cost model does not cover.</param>
public sealed record EndToEndReport(IReadOnlyList<EndToEndError> Errors, IReadOnlyList<EndToEndError> Halves, int NotCovered);
