namespace Tuner.Kernels.Driver;

/// <summary>The default binding: thin imports from the driver's own library, no package.</summary>
internal sealed unsafe class DriverBinding : ICudaApi
{
    public string Binding => "driver";

    public int cuInit(uint flags) => CudaImports.cuInit(flags);

    public int cuDriverGetVersion(out int version) => CudaImports.cuDriverGetVersion(out version);

    public int cuGetErrorName(int error, out byte* name) => CudaImports.cuGetErrorName(error, out name);

    public int cuDeviceGetCount(out int count) => CudaImports.cuDeviceGetCount(out count);

    public int cuDeviceGet(out int device, int ordinal) => CudaImports.cuDeviceGet(out device, ordinal);

    public int cuDeviceGetName(byte* name, int length, int device) => CudaImports.cuDeviceGetName(name, length, device);

    public int cuDeviceGetAttribute(out int value, int attribute, int device) => CudaImports.cuDeviceGetAttribute(out value, attribute, device);

    public int cuDeviceTotalMem_v2(out nuint bytes, int device) => CudaImports.cuDeviceTotalMem_v2(out bytes, device);

    public int cuDevicePrimaryCtxRetain(out nint context, int device) => CudaImports.cuDevicePrimaryCtxRetain(out context, device);

    public int cuDevicePrimaryCtxRelease_v2(int device) => CudaImports.cuDevicePrimaryCtxRelease_v2(device);

    public int cuCtxPushCurrent_v2(nint context) => CudaImports.cuCtxPushCurrent_v2(context);

    public int cuCtxPopCurrent_v2(out nint context) => CudaImports.cuCtxPopCurrent_v2(out context);

    public int cuCtxSynchronize() => CudaImports.cuCtxSynchronize();

    public int cuMemGetInfo_v2(out nuint free, out nuint total) => CudaImports.cuMemGetInfo_v2(out free, out total);

    public int cuMemAlloc_v2(out nint pointer, nuint bytes) => CudaImports.cuMemAlloc_v2(out pointer, bytes);

    public int cuMemFree_v2(nint pointer) => CudaImports.cuMemFree_v2(pointer);

    public int cuMemHostAlloc(out nint pointer, nuint bytes, uint flags) => CudaImports.cuMemHostAlloc(out pointer, bytes, flags);

    public int cuMemFreeHost(nint pointer) => CudaImports.cuMemFreeHost(pointer);

    public int cuMemcpyHtoD_v2(nint target, void* source, nuint bytes) => CudaImports.cuMemcpyHtoD_v2(target, source, bytes);

    public int cuMemcpyDtoH_v2(void* target, nint source, nuint bytes) => CudaImports.cuMemcpyDtoH_v2(target, source, bytes);

    public int cuMemcpyHtoDAsync_v2(nint target, nint source, nuint bytes, nint stream) => CudaImports.cuMemcpyHtoDAsync_v2(target, source, bytes, stream);

    public int cuMemcpyDtoHAsync_v2(nint target, nint source, nuint bytes, nint stream) => CudaImports.cuMemcpyDtoHAsync_v2(target, source, bytes, stream);

    public int cuMemcpyDtoDAsync_v2(nint target, nint source, nuint bytes, nint stream) => CudaImports.cuMemcpyDtoDAsync_v2(target, source, bytes, stream);

    public int cuModuleLoadDataEx(out nint module, void* image, uint options, int* names, void** values) => CudaImports.cuModuleLoadDataEx(out module, image, options, names, values);

    public int cuModuleUnload(nint module) => CudaImports.cuModuleUnload(module);

    public int cuModuleGetFunction(out nint function, nint module, string name) => CudaImports.cuModuleGetFunction(out function, module, name);

    public int cuFuncSetAttribute(nint function, int attribute, int value) => CudaImports.cuFuncSetAttribute(function, attribute, value);

    public int cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, nint function, int blockSize, nuint sharedBytes) => CudaImports.cuOccupancyMaxActiveBlocksPerMultiprocessor(out blocks, function, blockSize, sharedBytes);

    public int cuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** arguments, void** extra) => CudaImports.cuLaunchKernel(function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, arguments, extra);

    public int cuStreamCreate(out nint stream, uint flags) => CudaImports.cuStreamCreate(out stream, flags);

    public int cuStreamDestroy_v2(nint stream) => CudaImports.cuStreamDestroy_v2(stream);

    public int cuStreamSynchronize(nint stream) => CudaImports.cuStreamSynchronize(stream);

    public int cuEventCreate(out nint handle, uint flags) => CudaImports.cuEventCreate(out handle, flags);

    public int cuEventDestroy_v2(nint handle) => CudaImports.cuEventDestroy_v2(handle);

    public int cuEventRecord(nint handle, nint stream) => CudaImports.cuEventRecord(handle, stream);

    public int cuEventSynchronize(nint handle) => CudaImports.cuEventSynchronize(handle);

    public int cuEventElapsedTime(out float milliseconds, nint start, nint end) => CudaImports.cuEventElapsedTime(out milliseconds, start, end);

    public int cuFuncGetAttribute(out int value, int attribute, nint function) => CudaImports.cuFuncGetAttribute(out value, attribute, function);

    public int cuOccupancyMaxPotentialBlockSize(out int minGridSize, out int blockSize, nint function, nint sharedBytesOfBlock, nuint sharedBytes, int blockSizeLimit) => CudaImports.cuOccupancyMaxPotentialBlockSize(out minGridSize, out blockSize, function, sharedBytesOfBlock, sharedBytes, blockSizeLimit);

    public int cuMemsetD8Async(nint target, byte value, nuint count, nint stream) => CudaImports.cuMemsetD8Async(target, value, count, stream);

    public int cuStreamWaitEvent(nint stream, nint handle, uint flags) => CudaImports.cuStreamWaitEvent(stream, handle, flags);

    public int cuStreamBeginCapture_v2(nint stream, int mode) => CudaImports.cuStreamBeginCapture_v2(stream, mode);

    public int cuStreamEndCapture(nint stream, out nint graph) => CudaImports.cuStreamEndCapture(stream, out graph);

    public int cuGraphInstantiateWithFlags(out nint executable, nint graph, ulong flags) => CudaImports.cuGraphInstantiateWithFlags(out executable, graph, flags);

    public int cuGraphLaunch(nint executable, nint stream) => CudaImports.cuGraphLaunch(executable, stream);

    public int cuGraphExecDestroy(nint executable) => CudaImports.cuGraphExecDestroy(executable);

    public int cuGraphDestroy(nint graph) => CudaImports.cuGraphDestroy(graph);
}
