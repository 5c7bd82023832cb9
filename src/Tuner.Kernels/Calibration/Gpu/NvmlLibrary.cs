using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Finds NVIDIA's management library once, on the first call that needs it.</summary>
internal static class NvmlLibrary
{
    /// <summary>The name <see cref="NvmlImports"/> imports from; <see cref="NativeLibraries"/> maps it to a file.</summary>
    public const string Name = "nvml";

    /// <summary>What the driver's installer and WSL call it.</summary>
    public static readonly string[] Candidates = OperatingSystem.IsWindows() ? ["nvml.dll"] : ["libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"];

    private static readonly Lazy<nint> Loaded = new(() => NativeLibraries.Find(Candidates, "nvmlInit_v2"));

    /// <summary>The library; 0 where there is none.</summary>
    public static nint Handle => Loaded.Value;
}
