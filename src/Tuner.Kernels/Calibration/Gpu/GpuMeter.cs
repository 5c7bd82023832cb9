using System.Runtime.InteropServices;
using Tuner.Kernels.Driver;
using static Tuner.Kernels.Calibration.Gpu.NvmlImports;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Clock and power of a GPU, as its management library tells them.</summary>
public sealed class GpuMeter : IDisposable
{
    private const int NameBytes = 96;
    private const int MultiprocessorClock = 1;

    /// <summary>A lane's rate by generation, 0 to 6: gigatransfers a second less the line code (PCI Express base specification).</summary>
    private static readonly double[] LaneBytesPerSecond = [0, 0.25e9, 0.5e9, 0.985e9, 1.969e9, 3.938e9, 7.563e9];

    private readonly nint device;

    private GpuMeter(nint device) => this.device = device;

    /// <summary>Power now, watts; the library averages over up to a second. Null where the board does not say.</summary>
    public double? Watts => nvmlDeviceGetPowerUsage(device, out uint milliwatts) == 0 ? milliwatts / 1e3 : null;

    /// <summary>Power the board allows now, watts.</summary>
    public double? LimitWatts => nvmlDeviceGetEnforcedPowerLimit(device, out uint milliwatts) == 0 ? milliwatts / 1e3 : null;

    /// <summary>Clock of the multiprocessors now, megahertz.</summary>
    public double? ClockMegahertz => nvmlDeviceGetClockInfo(device, MultiprocessorClock, out uint megahertz) == 0 ? megahertz : null;

    /// <summary>What its link to the host carries one way, bytes a second; null where the board does not say.</summary>
    public double? LinkBytesPerSecond
        => nvmlDeviceGetMaxPcieLinkGeneration(device, out uint generation) == 0 && nvmlDeviceGetMaxPcieLinkWidth(device, out uint lanes) == 0 && generation < LaneBytesPerSecond.Length
            ? LaneBytesPerSecond[generation] * lanes
            : null;

    /// <summary>Finds the GPU in the management library; null without one, or where it is not clear which GPU it is.</summary>
    /// <remarks>The library numbers GPUs by their place on the bus and the driver by speed: only a name that is unique, or alike on all, is certain.</remarks>
    public static unsafe GpuMeter? TryOpen(CudaDeviceSpec spec)
    {
        if (NvmlLibrary.Handle == 0 || nvmlInit_v2() != 0)
            return null;
        var matches = new List<nint>();
        if (nvmlDeviceGetCount_v2(out uint count) == 0)
        {
            byte* name = stackalloc byte[NameBytes];
            for (uint i = 0; i < count; i++)
            {
                if (nvmlDeviceGetHandleByIndex_v2(i, out nint handle) == 0 && nvmlDeviceGetName(handle, name, NameBytes) == 0 && Marshal.PtrToStringUTF8((nint)name) == spec.Name)
                    matches.Add(handle);
            }
        }

        if (matches.Count == 1)
            return new GpuMeter(matches[0]);
        if (matches.Count == count && spec.Ordinal < matches.Count)
            return new GpuMeter(matches[spec.Ordinal]);
        _ = nvmlShutdown();
        return null;
    }

    /// <summary>What was looked for, in a sentence.</summary>
    public static string Describe(GpuMeter? meter)
        => meter is not null ? "clock and power from NVML" : NvmlLibrary.Handle == 0 ? $"clock and power not recorded: none of {string.Join(", ", NvmlLibrary.Candidates)} loads" : "clock and power not recorded: NVML does not name this GPU";

    /// <inheritdoc/>
    public void Dispose() => _ = nvmlShutdown();
}
