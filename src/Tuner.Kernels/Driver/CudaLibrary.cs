using System.Runtime.InteropServices;

namespace Tuner.Kernels.Driver;

/// <summary>Finds the driver's library once, on the first call that needs it.</summary>
internal static class CudaLibrary
{
    /// <summary>The name <see cref="CudaApi"/> imports from; <see cref="Resolve"/> maps it to a file.</summary>
    public const string Name = "cuda-driver";

    /// <summary>What the driver's installer and WSL call it.</summary>
    public static readonly string[] Candidates = OperatingSystem.IsWindows()
        ? ["nvcuda.dll"]
        : ["libcuda.so.1", "libcuda.so", "/usr/lib/wsl/lib/libcuda.so.1"];

    private static readonly Lazy<nint> Loaded = new(Load);

    /// <summary>Whether a library of one of these names loads and exports what a CUDA driver must.</summary>
    public static bool IsThere => Loaded.Value != 0;

    /// <summary>For <see cref="NativeLibrary.SetDllImportResolver"/>.</summary>
    public static nint Resolve(string library) => library == Name ? Loaded.Value : 0;

    private static nint Load()
    {
        foreach (string candidate in Candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out nint library) && NativeLibrary.TryGetExport(library, "cuInit", out _))
                return library;
        }

        return 0;
    }
}
