using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Libraries;

/// <summary>Finds NVIDIA's cuBLASLt once, on the first call that needs it.</summary>
internal static class CublasLtLibrary
{
    /// <summary>The name <see cref="CublasLtImports"/> imports from; <see cref="NativeLibraries"/> maps it to a file.</summary>
    public const string Name = "cublasLt";

    /// <summary>What CUDA's toolkits call it, newest first.</summary>
    public static readonly string[] Candidates = OperatingSystem.IsWindows()
        ? ["cublasLt64_13.dll", "cublasLt64_12.dll"]
        : ["libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so", "/usr/local/cuda/lib64/libcublasLt.so"];

    private static readonly Lazy<nint> Loaded = new(() => NativeLibraries.Find(Candidates, "cublasLtMatmul"));

    /// <summary>The library; 0 where there is none.</summary>
    public static nint Handle => Loaded.Value;
}
