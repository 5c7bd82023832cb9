using static Tuner.Kernels.Driver.CudaApi;

namespace Tuner.Kernels.Driver;

/// <summary>A kernel. It lives as long as its module, which it keeps from being collected.</summary>
public sealed class CudaFunction
{
    /// <summary>CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES of cuda.h.</summary>
    private const int MaxDynamicSharedBytes = 8;

    private readonly CudaModule module;
    private readonly CudaContext context;
    private readonly nint function;

    internal CudaFunction(CudaModule module, CudaContext context, nint function) => (this.module, this.context, this.function) = (module, context, function);

    private nint Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(module.IsClosed, module);
            return function;
        }
    }

    /// <summary>Lets launches ask for more dynamic shared memory than the 48 KiB every GPU grants.</summary>
    public void AllowSharedBytes(int bytes)
    {
        using CudaScope scope = context.Enter();
        Check(cuFuncSetAttribute(Value, MaxDynamicSharedBytes, bytes));
    }

    /// <summary>Blocks of this kernel one multiprocessor can run at once.</summary>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    public int BlocksPerMultiprocessor(int threads, int sharedBytes = 0)
    {
        using CudaScope scope = context.Enter();
        Check(cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, Value, threads, (nuint)sharedBytes));
        return blocks;
    }

    /// <summary>Puts one launch into a stream. The arguments are read before this returns.</summary>
    /// <param name="shape">Blocks and threads.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="arguments">The kernel's parameters, in order and of its types: the driver cannot check them.</param>
    public unsafe void Launch(LaunchShape shape, CudaStream stream, params ReadOnlySpan<KernelArgument> arguments)
    {
        using CudaScope scope = context.Enter();
        fixed (KernelArgument* values = arguments)
        {
            void** pointers = stackalloc void*[arguments.Length];
            for (int i = 0; i < arguments.Length; i++)
                pointers[i] = values + i;
            Check(cuLaunchKernel(Value, shape.GridX, shape.GridY, shape.GridZ, shape.BlockX, shape.BlockY, shape.BlockZ, shape.SharedBytes, stream.Value, pointers, null));
        }
    }
}
