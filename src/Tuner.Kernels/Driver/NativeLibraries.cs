using System.Runtime.InteropServices;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Libraries;

namespace Tuner.Kernels.Driver;

/// <summary>The native libraries this assembly imports from, none of which need be there.</summary>
internal static class NativeLibraries
{
    private static int registered;

    /// <summary>Sets the assembly's resolver, of which it has one, at the first call.</summary>
    public static void Register()
    {
        if (Interlocked.Exchange(ref registered, 1) == 0)
            NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, (library, _, _) => Resolve(library));
    }

    /// <summary>The first of some names that loads and exports a symbol; 0 where none does.</summary>
    public static nint Find(IEnumerable<string> candidates, string symbol)
    {
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out nint library) && NativeLibrary.TryGetExport(library, symbol, out _))
                return library;
        }

        return 0;
    }

    private static nint Resolve(string library) => library switch
    {
        CudaLibrary.Name => CudaLibrary.Handle,
        NvrtcLibrary.Name => NvrtcLibrary.Handle,
        NvmlLibrary.Name => NvmlLibrary.Handle,
        CublasLtLibrary.Name => CublasLtLibrary.Handle,
        _ => 0,
    };
}
