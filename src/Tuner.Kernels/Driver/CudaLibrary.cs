namespace Tuner.Kernels.Driver;

/// <summary>Finds the driver's library once, on the first call that needs it.</summary>
internal static class CudaLibrary
{
    /// <summary>The name <see cref="CudaImports"/> imports from; <see cref="NativeLibraries"/> maps it to a file.</summary>
    public const string Name = "cuda-driver";

    /// <summary>What the driver's installer and WSL call it.</summary>
    public static readonly string[] Candidates = OperatingSystem.IsWindows()
        ? ["nvcuda.dll"]
        : ["libcuda.so.1", "libcuda.so", "/usr/lib/wsl/lib/libcuda.so.1"];

    private static readonly Lazy<nint> Loaded = new(() => NativeLibraries.Find(Candidates, "cuInit"));

    /// <summary>Whether a library of one of these names loads and exports what a CUDA driver must.</summary>
    public static bool IsThere => Handle != 0;

    /// <summary>The library; 0 where there is none.</summary>
    public static nint Handle => Loaded.Value;
}
