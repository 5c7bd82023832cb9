using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Compilation;

/// <summary>Finds NVIDIA's run-time compiler once, on the first call that needs it.</summary>
internal static class NvrtcLibrary
{
    /// <summary>The name <see cref="NvrtcImports"/> imports from; <see cref="NativeLibraries"/> maps it to a file.</summary>
    public const string Name = "nvrtc";

    /// <summary>What CUDA's toolkits, newest first, and Debian's package call it.</summary>
    public static readonly string[] Candidates = OperatingSystem.IsWindows()
        ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"]
        : ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so", "/usr/local/cuda/lib64/libnvrtc.so"];

    private static readonly Lazy<nint> Loaded = new(() => NativeLibraries.Find(Candidates, "nvrtcCompileProgram"));

    /// <summary>The library; 0 where there is none.</summary>
    public static nint Handle => Loaded.Value;
}
