using System.Runtime.InteropServices;

namespace Tuner.Kernels.Driver;

/// <summary>Imports from the CUDA driver's library; <see cref="CudaLibrary"/> finds the file.</summary>
internal static unsafe partial class CudaImports
{
    static CudaImports() => NativeLibraries.Register();

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

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuFuncGetAttribute(out int value, int attribute, nint function);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuOccupancyMaxPotentialBlockSize(out int minGridSize, out int blockSize, nint function, nint sharedBytesOfBlock, nuint sharedBytes, int blockSizeLimit);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuMemsetD8Async(nint target, byte value, nuint count, nint stream);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuStreamWaitEvent(nint stream, nint handle, uint flags);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuStreamBeginCapture_v2(nint stream, int mode);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuStreamEndCapture(nint stream, out nint graph);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuGraphInstantiateWithFlags(out nint executable, nint graph, ulong flags);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuGraphLaunch(nint executable, nint stream);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuGraphExecDestroy(nint executable);

    [LibraryImport(CudaLibrary.Name)]
    public static partial int cuGraphDestroy(nint graph);
}
