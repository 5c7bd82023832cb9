using Tuner.Kernels.Launching.Recorded;

namespace Tuner.Kernels.Launching.Gpu;

/// <summary>How a kernel's launch chosen in different ways does on the GPU at hand. Shares are of the speed of the fastest by exhaustive search.</summary>
/// <param name="Name">The kernel and its shape.</param>
/// <param name="Configurations">Configurations there are.</param>
/// <param name="Failed">Configurations that could not run.</param>
/// <param name="Chosen">What the chooser took.</param>
/// <param name="ChosenShare">Its share.</param>
/// <param name="Timings">Timings the chooser took; 0 where the choice was kept from before.</param>
/// <param name="ExhaustiveTimings">Timings the exhaustive search took.</param>
/// <param name="Best">The fastest.</param>
/// <param name="BestSeconds">Its time.</param>
/// <param name="Fixed">Configurations of 256 threads a block; null where none runs.</param>
/// <param name="Suggested">The one of the highest occupancy by the driver, the most threads among equals: what its suggestion maximises.</param>
/// <param name="SuggestedShare">Its share.</param>
/// <param name="OccupancyCompared">Compiled kernels whose occupancy was worked out and asked of the driver.</param>
/// <param name="OccupancyDiffers">Those on which the two disagree, with both answers.</param>
/// <param name="WhyFailed">Why the first that failed could not run; null where all ran.</param>
public sealed record LaunchStudy(
    string Name,
    int Configurations,
    int Failed,
    string Chosen,
    double ChosenShare,
    int Timings,
    int ExhaustiveTimings,
    string Best,
    double BestSeconds,
    GroupShare? Fixed,
    string Suggested,
    double SuggestedShare,
    int OccupancyCompared,
    IReadOnlyList<string> OccupancyDiffers,
    string? WhyFailed);
