using System.Runtime.InteropServices;
using System.Text;
using ManagedCuda.BasicTypes;
using Native = ManagedCuda.DriverAPINativeMethods;

namespace Tuner.Kernels.Driver.Managed;

/// <summary>The ManagedCuda package as binding; built only with <c>-p:CudaBinding=managedcuda</c>, whose licence it brings (docs/decisions).</summary>
/// <remarks>The package looks for <c>libcuda.so</c>, which some installations call <c>libcuda.so.1</c> only.</remarks>
internal sealed unsafe class ManagedCudaBinding : ICudaApi
{
    public string Binding => "managedcuda";

    public int cuInit(uint flags) => (int)Native.cuInit((CUInitializationFlags)flags);

    public int cuDriverGetVersion(out int version) => (int)Native.cuDriverGetVersion(ref Zero(out version));

    public int cuGetErrorName(int error, out byte* name)
    {
        nint text = 0;
        int status = (int)Native.ErrorHandling.cuGetErrorName((CUResult)error, ref text);
        name = (byte*)text;
        return status;
    }

    public int cuDeviceGetCount(out int count) => (int)Native.DeviceManagement.cuDeviceGetCount(ref Zero(out count));

    public int cuDeviceGet(out int device, int ordinal)
    {
        var found = default(CUdevice);
        int status = (int)Native.DeviceManagement.cuDeviceGet(ref found, ordinal);
        device = found.Pointer;
        return status;
    }

    public int cuDeviceGetName(byte* name, int length, int device)
    {
        var bytes = new byte[length];
        int status = (int)Native.DeviceManagement.cuDeviceGetName(bytes, length, Device(device));
        bytes.CopyTo(new Span<byte>(name, length));
        return status;
    }

    public int cuDeviceGetAttribute(out int value, int attribute, int device) => (int)Native.DeviceManagement.cuDeviceGetAttribute(ref Zero(out value), (CUDeviceAttribute)attribute, Device(device));

    public int cuDeviceTotalMem_v2(out nuint bytes, int device)
    {
        SizeT total = default;
        int status = (int)Native.DeviceManagement.cuDeviceTotalMem_v2(ref total, Device(device));
        bytes = (nuint)(ulong)total;
        return status;
    }

    public int cuDevicePrimaryCtxRetain(out nint context, int device)
    {
        var made = default(CUcontext);
        int status = (int)Native.ContextManagement.cuDevicePrimaryCtxRetain(ref made, Device(device));
        context = made.Pointer;
        return status;
    }

    public int cuDevicePrimaryCtxRelease_v2(int device) => (int)Native.ContextManagement.cuDevicePrimaryCtxRelease(Device(device));

    public int cuCtxPushCurrent_v2(nint context) => (int)Native.ContextManagement.cuCtxPushCurrent_v2(new CUcontext { Pointer = context });

    public int cuCtxPopCurrent_v2(out nint context)
    {
        var popped = default(CUcontext);
        int status = (int)Native.ContextManagement.cuCtxPopCurrent_v2(ref popped);
        context = popped.Pointer;
        return status;
    }

    public int cuCtxSynchronize() => (int)Native.ContextManagement.cuCtxSynchronize();

    public int cuMemGetInfo_v2(out nuint free, out nuint total)
    {
        SizeT unused = default, all = default;
        int status = (int)Native.MemoryManagement.cuMemGetInfo_v2(ref unused, ref all);
        (free, total) = ((nuint)(ulong)unused, (nuint)(ulong)all);
        return status;
    }

    public int cuMemAlloc_v2(out nint pointer, nuint bytes)
    {
        var made = default(CUdeviceptr);
        int status = (int)Native.MemoryManagement.cuMemAlloc_v2(ref made, Size(bytes));
        pointer = (nint)(ulong)made.Pointer;
        return status;
    }

    public int cuMemFree_v2(nint pointer) => (int)Native.MemoryManagement.cuMemFree_v2(Pointer(pointer));

    public int cuMemHostAlloc(out nint pointer, nuint bytes, uint flags) => (int)Native.MemoryManagement.cuMemHostAlloc(ref Zero(out pointer), Size(bytes), (CUMemHostAllocFlags)flags);

    public int cuMemFreeHost(nint pointer) => (int)Native.MemoryManagement.cuMemFreeHost(pointer);

    public int cuMemcpyHtoD_v2(nint target, void* source, nuint bytes) => (int)Native.SynchronousMemcpy_v2.cuMemcpyHtoD_v2(Pointer(target), (nint)source, Size(bytes));

    public int cuMemcpyDtoH_v2(void* target, nint source, nuint bytes) => (int)Native.SynchronousMemcpy_v2.cuMemcpyDtoH_v2((nint)target, Pointer(source), Size(bytes));

    public int cuMemcpyHtoDAsync_v2(nint target, nint source, nuint bytes, nint stream) => (int)Native.AsynchronousMemcpy_v2.cuMemcpyHtoDAsync_v2(Pointer(target), source, Size(bytes), Stream(stream));

    public int cuMemcpyDtoHAsync_v2(nint target, nint source, nuint bytes, nint stream) => (int)Native.AsynchronousMemcpy_v2.cuMemcpyDtoHAsync_v2(target, Pointer(source), Size(bytes), Stream(stream));

    public int cuMemcpyDtoDAsync_v2(nint target, nint source, nuint bytes, nint stream) => (int)Native.AsynchronousMemcpy_v2.cuMemcpyDtoDAsync_v2(Pointer(target), Pointer(source), Size(bytes), Stream(stream));

    public int cuModuleLoadDataEx(out nint module, void* image, uint options, int* names, void** values)
    {
        // The package takes an array; an image says its length in no uniform way, so the binding's caller ends PTX with a zero and this
        // reads a cubin's length from its ELF header.
        byte[] bytes = ImageBytes((byte*)image);
        var optionNames = new CUJITOption[options];
        var optionValues = new nint[options];
        for (int i = 0; i < options; i++)
            (optionNames[i], optionValues[i]) = ((CUJITOption)names[i], (nint)values[i]);
        var made = default(CUmodule);
        int status = (int)Native.ModuleManagement.cuModuleLoadDataEx(ref made, bytes, options, optionNames, optionValues);
        module = made.Pointer;
        return status;
    }

    public int cuModuleUnload(nint module) => (int)Native.ModuleManagement.cuModuleUnload(new CUmodule { Pointer = module });

    public int cuModuleGetFunction(out nint function, nint module, string name)
    {
        var found = default(CUfunction);
        int status = (int)Native.ModuleManagement.cuModuleGetFunction(ref found, new CUmodule { Pointer = module }, name);
        function = found.Pointer;
        return status;
    }

    public int cuFuncSetAttribute(nint function, int attribute, int value) => (int)Native.FunctionManagement.cuFuncSetAttribute(Function(function), (CUFunctionAttribute)attribute, value);

    public int cuFuncGetAttribute(out int value, int attribute, nint function) => (int)Native.FunctionManagement.cuFuncGetAttribute(ref Zero(out value), (CUFunctionAttribute)attribute, Function(function));

    public int cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, nint function, int blockSize, nuint sharedBytes) => (int)Native.Occupancy.cuOccupancyMaxActiveBlocksPerMultiprocessor(ref Zero(out blocks), Function(function), blockSize, Size(sharedBytes));

    public int cuOccupancyMaxPotentialBlockSize(out int minGridSize, out int blockSize, nint function, nint sharedBytesOfBlock, nuint sharedBytes, int blockSizeLimit)
        => (int)Native.Occupancy.cuOccupancyMaxPotentialBlockSize(ref Zero(out minGridSize), ref Zero(out blockSize), Function(function), null!, Size(sharedBytes), blockSizeLimit);

    public int cuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** arguments, void** extra)
    {
        // The package takes an array of addresses, the driver reads as many as the kernel has parameters: as many as callers ever pass.
        var addresses = new nint[MostArguments];
        for (int i = 0; i < MostArguments && arguments is not null && arguments[i] is not null; i++)
            addresses[i] = (nint)arguments[i];
        return (int)Native.Launch.cuLaunchKernel(Function(function), gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, Stream(stream), addresses, null!);
    }

    public int cuMemsetD8Async(nint target, byte value, nuint count, nint stream) => (int)Native.MemsetAsync.cuMemsetD8Async(Pointer(target), value, Size(count), Stream(stream));

    public int cuStreamCreate(out nint stream, uint flags)
    {
        var made = default(CUstream);
        int status = (int)Native.Streams.cuStreamCreate(ref made, (CUStreamFlags)flags);
        stream = made.Pointer;
        return status;
    }

    public int cuStreamDestroy_v2(nint stream) => (int)Native.Streams.cuStreamDestroy_v2(Stream(stream));

    public int cuStreamSynchronize(nint stream) => (int)Native.Streams.cuStreamSynchronize(Stream(stream));

    public int cuStreamWaitEvent(nint stream, nint handle, uint flags) => (int)Native.Streams.cuStreamWaitEvent(Stream(stream), Event(handle), flags);

    public int cuStreamBeginCapture_v2(nint stream, int mode) => (int)Native.Streams.cuStreamBeginCapture(Stream(stream), (CUstreamCaptureMode)mode);

    public int cuStreamEndCapture(nint stream, out nint graph)
    {
        var made = default(CUgraph);
        int status = (int)Native.Streams.cuStreamEndCapture(Stream(stream), ref made);
        graph = made.Pointer;
        return status;
    }

    public int cuGraphInstantiateWithFlags(out nint executable, nint graph, ulong flags)
    {
        var made = default(CUgraphExec);
        int status = (int)Native.GraphManagment.cuGraphInstantiate(ref made, new CUgraph { Pointer = graph }, (CUgraphInstantiate_flags)flags);
        executable = made.Pointer;
        return status;
    }

    public int cuGraphLaunch(nint executable, nint stream) => (int)Native.GraphManagment.cuGraphLaunch(new CUgraphExec { Pointer = executable }, Stream(stream));

    public int cuGraphExecDestroy(nint executable) => (int)Native.GraphManagment.cuGraphExecDestroy(new CUgraphExec { Pointer = executable });

    public int cuGraphDestroy(nint graph) => (int)Native.GraphManagment.cuGraphDestroy(new CUgraph { Pointer = graph });

    public int cuEventCreate(out nint handle, uint flags)
    {
        var made = default(CUevent);
        int status = (int)Native.Events.cuEventCreate(ref made, (CUEventFlags)flags);
        handle = made.Pointer;
        return status;
    }

    public int cuEventDestroy_v2(nint handle) => (int)Native.Events.cuEventDestroy_v2(Event(handle));

    public int cuEventRecord(nint handle, nint stream) => (int)Native.Events.cuEventRecord(Event(handle), Stream(stream));

    public int cuEventSynchronize(nint handle) => (int)Native.Events.cuEventSynchronize(Event(handle));

    public int cuEventElapsedTime(out float milliseconds, nint start, nint end)
    {
        milliseconds = 0;
        return (int)Native.Events.cuEventElapsedTime(ref milliseconds, Event(start), Event(end));
    }

    /// <summary>More than any kernel here has.</summary>
    internal const int MostArguments = 32;

    /// <summary>The section header table ends a cubin (ELF-64: offset at byte 40, size and count of entries at 58 and 60).</summary>
    private static byte[] ImageBytes(byte* image)
    {
        var text = new ReadOnlySpan<byte>(image, 4);
        if (!text.SequenceEqual("\u007fELF"u8))
            return [.. Encoding.UTF8.GetBytes(Marshal.PtrToStringUTF8((nint)image)!), 0];
        long length = *(long*)(image + 40) + (*(ushort*)(image + 58) * (long)*(ushort*)(image + 60));
        return new ReadOnlySpan<byte>(image, checked((int)length)).ToArray();
    }

    private static ref int Zero(out int value)
    {
        value = 0;
        return ref System.Runtime.CompilerServices.Unsafe.AsRef(ref value);
    }

    private static ref nint Zero(out nint value)
    {
        value = 0;
        return ref System.Runtime.CompilerServices.Unsafe.AsRef(ref value);
    }

    private static SizeT Size(nuint bytes) => new((ulong)bytes);

    private static CUdevice Device(int device) => new() { Pointer = device };

    private static CUdeviceptr Pointer(nint pointer) => new() { Pointer = (ulong)pointer };

    private static CUfunction Function(nint function) => new() { Pointer = function };

    private static CUstream Stream(nint stream) => new() { Pointer = stream };

    private static CUevent Event(nint handle) => new() { Pointer = handle };
}
