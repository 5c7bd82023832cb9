using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Launching.Gpu;

/// <summary>Every compiled kernel's occupancy twice: worked out from its resources, and as the driver answers.</summary>
internal sealed class DriverOccupancy
{
    /// <summary>Registers assumed of a kernel that does not load, and so is never launched.</summary>
    private const int UnknownRegisters = 32;

    private readonly GpuLaunches launches;
    private readonly Dictionary<string, (int Registers, int Blocks)> known = [];

    public DriverOccupancy(GpuSession session, GpuLaunches launches, MultiprocessorLimits limits)
    {
        this.launches = launches;
        var differs = new List<string>();
        foreach (KernelSpec kernel in Enumerable.Range(0, launches.Space.Count).Select(launches.Kernel).DistinctBy(kernel => kernel.Entry))
        {
            CudaFunction function;
            try
            {
                function = session.Shelf[kernel];
            }
            catch (Exception cannot) when (cannot is KernelException or CudaException)
            {
                // The timer says why; a kernel that is not there has no occupancy.
                continue;
            }

            int driver = function.BlocksPerMultiprocessor(kernel.Threads, kernel.SharedBytes);
            var resources = new KernelResources(kernel.Entry, function.Registers, function.StaticSharedBytes, kernel.Threads);
            int theory = Occupancy.Of(limits, resources, kernel.Threads, kernel.SharedBytes).Blocks;
            known[kernel.Entry] = (resources.Registers, driver);
            if (driver != theory)
                differs.Add(FormattableString.Invariant($"{kernel.Entry}: {theory} blocks a multiprocessor worked out from {resources.Registers} registers, the driver says {driver}"));
        }

        Differs = differs;
    }

    /// <summary>Kernels that loaded.</summary>
    public int Compared => known.Count;

    /// <summary>Those on which the two disagree.</summary>
    public IReadOnlyList<string> Differs { get; }

    /// <summary>Registers of a thread.</summary>
    public int Registers(int configuration) => known.TryGetValue(launches.Kernel(configuration).Entry, out (int Registers, int Blocks) found) ? found.Registers : UnknownRegisters;

    /// <summary>Resident threads of a multiprocessor by the driver; 0 where the kernel did not load.</summary>
    public int DriverThreads(int configuration)
    {
        KernelSpec kernel = launches.Kernel(configuration);
        return known.TryGetValue(kernel.Entry, out (int Registers, int Blocks) found) ? found.Blocks * kernel.Threads : 0;
    }
}
