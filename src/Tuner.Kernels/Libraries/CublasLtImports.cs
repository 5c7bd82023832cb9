using System.Runtime.InteropServices;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Libraries;

/// <summary>Imports from cuBLASLt; a cublasStatus_t and every enumeration is an <see cref="int"/>, 0 is success, handles are pointers.</summary>
/// <remarks>cuBLAS library user guide, "Using the cuBLASLt API" (docs.nvidia.com/cuda/cublas), cublasLt.h.</remarks>
internal static unsafe partial class CublasLtImports
{
    static CublasLtImports() => NativeLibraries.Register();

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial nuint cublasLtGetVersion();

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtCreate(out nint handle);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtDestroy(nint handle);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatmulDescCreate(out nint description, int computeType, int scaleType);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatmulDescDestroy(nint description);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatmulDescSetAttribute(nint description, int attribute, void* value, nuint bytes);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatrixLayoutCreate(out nint layout, int type, ulong rows, ulong columns, long leadingDimension);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatrixLayoutDestroy(nint layout);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatmulPreferenceCreate(out nint preference);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatmulPreferenceDestroy(nint preference);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint bytes);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatmulAlgoGetHeuristic(nint handle, nint description, nint a, nint b, nint c, nint d, nint preference, int wanted, CublasLtHeuristic* results, out int found);

    [LibraryImport(CublasLtLibrary.Name)]
    public static partial int cublasLtMatmul(nint handle, nint description, float* alpha, nint a, nint aLayout, nint b, nint bLayout, float* beta, nint c, nint cLayout, nint d, nint dLayout, void* algorithm, nint workspace, nuint workspaceBytes, nint stream);
}
