namespace Tuner.Kernels.Tests.Swapping.Stress;

/// <summary>What a stress run counted.</summary>
/// <param name="Steps">Steps of all threads.</param>
/// <param name="Calls">Calls of all threads.</param>
/// <param name="BadOutputs">Outputs that were torn, wrong or not finite when the caller got them.</param>
/// <param name="MixedSteps">Steps in which an operation outside a trial changed its kernel.</param>
/// <param name="Exceptions">Exceptions callers saw.</param>
/// <param name="Swaps">Kernels swapped in without a trial.</param>
/// <param name="Promoted">Good candidates promoted.</param>
/// <param name="GoodRolledBack">Good candidates rolled back, as slow.</param>
/// <param name="RolledBack">Bad candidates rolled back, by fault.</param>
/// <param name="WorstCalls">Most calls a bad candidate's trial took, by fault.</param>
/// <param name="AllowedCalls">Calls it may take, by fault, those under way on other threads included.</param>
/// <param name="Survivors">Bad candidates that were promoted.</param>
/// <param name="UsedAfterDisposal">Calls that met a kernel already let go.</param>
/// <param name="NotDisposed">Kernels let go whose last step ended and that were not disposed.</param>
public sealed record SwapStressResult(
    long Steps,
    long Calls,
    long BadOutputs,
    long MixedSteps,
    long Exceptions,
    int Swaps,
    int Promoted,
    int GoodRolledBack,
    IReadOnlyDictionary<StampFault, int> RolledBack,
    IReadOnlyDictionary<StampFault, long> WorstCalls,
    IReadOnlyDictionary<StampFault, long> AllowedCalls,
    int Survivors,
    long UsedAfterDisposal,
    int NotDisposed);
