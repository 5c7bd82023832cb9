using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Launching.Gpu;

/// <summary>Times launches on a GPU by its events: a call to warm up, then the median of five, each on inputs the cache does not hold.</summary>
internal sealed class DriverLaunchTimer(GpuSession session, GpuLaunches launches) : ILaunchTimer
{
    private const int Calls = 5;

    /// <summary>CUDA_ERROR_* of cuda.h that refuse one launch and leave the context as it was.</summary>
    private static readonly int[] Refusals = [1, CudaResult.OutOfMemory, 209, 218, 222, 500, 701];

    /// <inheritdoc/>
    public LaunchTiming Time(int configuration)
    {
        try
        {
            CudaFunction function = session.Shelf[launches.Kernel(configuration)];
            return LaunchTiming.Of(session.Timer.Median(Calls, launches.Places, place => launches.Launch(configuration, function, place)));
        }
        catch (KernelException cannot)
        {
            return LaunchTiming.Failed(cannot.Message);
        }
        catch (CudaException refused) when (Refusals.Contains(refused.Status))
        {
            return LaunchTiming.Failed(refused.Message);
        }
    }
}
