namespace Tuner.Kernels.Driver;

/// <summary>The functions of the CUDA driver API that Tuner needs, under their own names: what a binding provides.</summary>
/// <remarks>
/// Signatures: CUDA Driver API reference manual (docs.nvidia.com/cuda/cuda-driver-api), cuda.h. <c>_v2</c> is what cuda.h maps
/// the plain name to. A CUresult, CUdevice and every enumeration is an <see cref="int"/>; a CUdeviceptr is 64 bits wide, as
/// are handles and size_t. Every function returns its CUresult.
/// </remarks>
internal unsafe interface ICudaApi
{
    /// <summary>The binding's name, as <c>-p:CudaBinding</c> takes it.</summary>
    string Binding { get; }

    int cuInit(uint flags);

    int cuDriverGetVersion(out int version);

    int cuGetErrorName(int error, out byte* name);

    int cuDeviceGetCount(out int count);

    int cuDeviceGet(out int device, int ordinal);

    int cuDeviceGetName(byte* name, int length, int device);

    int cuDeviceGetAttribute(out int value, int attribute, int device);

    int cuDeviceTotalMem_v2(out nuint bytes, int device);

    int cuDevicePrimaryCtxRetain(out nint context, int device);

    int cuDevicePrimaryCtxRelease_v2(int device);

    int cuCtxPushCurrent_v2(nint context);

    int cuCtxPopCurrent_v2(out nint context);

    int cuCtxSynchronize();

    int cuMemGetInfo_v2(out nuint free, out nuint total);

    int cuMemAlloc_v2(out nint pointer, nuint bytes);

    int cuMemFree_v2(nint pointer);

    int cuMemHostAlloc(out nint pointer, nuint bytes, uint flags);

    int cuMemFreeHost(nint pointer);

    int cuMemcpyHtoD_v2(nint target, void* source, nuint bytes);

    int cuMemcpyDtoH_v2(void* target, nint source, nuint bytes);

    int cuMemcpyHtoDAsync_v2(nint target, nint source, nuint bytes, nint stream);

    int cuMemcpyDtoHAsync_v2(nint target, nint source, nuint bytes, nint stream);

    int cuMemcpyDtoDAsync_v2(nint target, nint source, nuint bytes, nint stream);

    int cuModuleLoadDataEx(out nint module, void* image, uint options, int* names, void** values);

    int cuModuleUnload(nint module);

    int cuModuleGetFunction(out nint function, nint module, string name);

    int cuFuncSetAttribute(nint function, int attribute, int value);

    int cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, nint function, int blockSize, nuint sharedBytes);

    int cuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** arguments, void** extra);

    int cuStreamCreate(out nint stream, uint flags);

    int cuStreamDestroy_v2(nint stream);

    int cuStreamSynchronize(nint stream);

    int cuEventCreate(out nint handle, uint flags);

    int cuEventDestroy_v2(nint handle);

    int cuEventRecord(nint handle, nint stream);

    int cuEventSynchronize(nint handle);

    int cuEventElapsedTime(out float milliseconds, nint start, nint end);

    int cuFuncGetAttribute(out int value, int attribute, nint function);

    int cuOccupancyMaxPotentialBlockSize(out int minGridSize, out int blockSize, nint function, nint sharedBytesOfBlock, nuint sharedBytes, int blockSizeLimit);

    int cuMemsetD8Async(nint target, byte value, nuint count, nint stream);

    int cuStreamWaitEvent(nint stream, nint handle, uint flags);

    int cuStreamBeginCapture_v2(nint stream, int mode);

    int cuStreamEndCapture(nint stream, out nint graph);

    int cuGraphInstantiateWithFlags(out nint executable, nint graph, ulong flags);

    int cuGraphLaunch(nint executable, nint stream);

    int cuGraphExecDestroy(nint executable);

    int cuGraphDestroy(nint graph);
}
