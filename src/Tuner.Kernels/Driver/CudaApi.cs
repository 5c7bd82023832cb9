using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tuner.Kernels.Driver;

/// <summary>The functions of the CUDA driver API that calibration needs, under their own names.</summary>
/// <remarks>
/// Signatures: CUDA Driver API reference manual (docs.nvidia.com/cuda/cuda-driver-api), cuda.h. <c>_v2</c> is what cuda.h maps
/// the plain name to. A CUresult, CUdevice and every enumeration is an <see cref="int"/>; a CUdeviceptr is 64 bits wide, as
/// are handles and size_t. No other file imports from the driver: another binding would replace this one.
/// </remarks>
internal static unsafe partial class CudaApi
{
    public const int Success = 0;

    static CudaApi() => NativeLibrary.SetDllImportResolver(typeof(CudaApi).Assembly, (library, _, _) => CudaLibrary.Resolve(library));

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuInit(uint flags);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuDriverGetVersion(out int version);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuGetErrorName(int error, out byte* name);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuDeviceGetCount(out int count);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuDeviceGet(out int device, int ordinal);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuDeviceGetName(byte* name, int length, int device);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuDeviceGetAttribute(out int value, int attribute, int device);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuDeviceTotalMem_v2(out nuint bytes, int device);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuDevicePrimaryCtxRetain(out nint context, int device);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuCtxPushCurrent_v2(nint context);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuCtxPopCurrent_v2(out nint context);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuCtxSynchronize();

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemGetInfo_v2(out nuint free, out nuint total);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemAlloc_v2(out nint pointer, nuint bytes);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemFree_v2(nint pointer);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemHostAlloc(out nint pointer, nuint bytes, uint flags);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemFreeHost(nint pointer);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemcpyHtoD_v2(nint target, void* source, nuint bytes);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemcpyDtoH_v2(void* target, nint source, nuint bytes);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemcpyHtoDAsync_v2(nint target, nint source, nuint bytes, nint stream);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemcpyDtoHAsync_v2(nint target, nint source, nuint bytes, nint stream);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemcpyDtoDAsync_v2(nint target, nint source, nuint bytes, nint stream);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuModuleLoadDataEx(out nint module, void* image, uint options, int* names, void** values);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuModuleUnload(nint module);

    [LibraryImport(CudaLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int cuModuleGetFunction(out nint function, nint module, string name);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuFuncSetAttribute(nint function, int attribute, int value);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, nint function, int blockSize, nuint sharedBytes);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** arguments, void** extra);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuStreamCreate(out nint stream, uint flags);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuStreamDestroy_v2(nint stream);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuStreamSynchronize(nint stream);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuEventCreate(out nint handle, uint flags);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuEventDestroy_v2(nint handle);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuEventRecord(nint handle, nint stream);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuEventSynchronize(nint handle);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuEventElapsedTime(out float milliseconds, nint start, nint end);

    /// <summary>Throws unless a call succeeded.</summary>
    /// <param name="status">The CUresult.</param>
    /// <param name="call">The call as written, which the compiler fills in; its name goes into the message.</param>
    /// <exception cref="CudaException">The call did not succeed.</exception>
    public static void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != Success)
            throw new CudaException(call[..Math.Max(0, call.IndexOf('(', StringComparison.Ordinal))], status, NameOf(status));
    }

    /// <summary>The driver's name for a result.</summary>
    public static string NameOf(int status)
        => cuGetErrorName(status, out byte* name) == Success && name is not null ? Marshal.PtrToStringUTF8((nint)name)! : "an unknown error";
}
