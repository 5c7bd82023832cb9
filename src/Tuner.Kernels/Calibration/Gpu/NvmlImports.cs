using System.Runtime.InteropServices;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Imports from NVIDIA's management library; an nvmlReturn_t is an <see cref="int"/>, 0 on success.</summary>
/// <remarks>NVML API reference (docs.nvidia.com/deploy/nvml-api), nvml.h.</remarks>
internal static unsafe partial class NvmlImports
{
    static NvmlImports() => NativeLibraries.Register();

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlInit_v2();

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlShutdown();

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlDeviceGetCount_v2(out uint count);

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlDeviceGetHandleByIndex_v2(uint index, out nint device);

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlDeviceGetName(nint device, byte* name, uint length);

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlDeviceGetPowerUsage(nint device, out uint milliwatts);

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlDeviceGetEnforcedPowerLimit(nint device, out uint milliwatts);

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlDeviceGetMaxPcieLinkGeneration(nint device, out uint generation);

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlDeviceGetMaxPcieLinkWidth(nint device, out uint lanes);

    [LibraryImport(NvmlLibrary.Name)]
    public static partial int nvmlDeviceGetClockInfo(nint device, int clock, out uint megahertz);
}
