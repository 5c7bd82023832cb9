namespace Tuner.Kernels.Driver;

/// <summary>A kernel. It lives as long as its module, which it keeps from being collected.</summary>
public sealed class CudaFunction
{
    /// <summary>CU_FUNC_ATTRIBUTE_* of cuda.h.</summary>
    private const int StaticShared = 1;
    private const int LocalOfThread = 3;
    private const int RegistersOfThread = 4;
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
        context.Api.Check(context.Api.cuFuncSetAttribute(Value, MaxDynamicSharedBytes, bytes));
    }

    /// <summary>Blocks of this kernel one multiprocessor can run at once.</summary>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    public int BlocksPerMultiprocessor(int threads, int sharedBytes = 0)
    {
        using CudaScope scope = context.Enter();
        context.Api.Check(context.Api.cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, Value, threads, (nuint)sharedBytes));
        return blocks;
    }

    /// <summary>The block size with which the driver expects the highest occupancy, its own suggestion.</summary>
    /// <param name="sharedBytes">Dynamic shared memory of a block, whatever its size.</param>
    public int SuggestedThreads(int sharedBytes = 0)
    {
        using CudaScope scope = context.Enter();
        context.Api.Check(context.Api.cuOccupancyMaxPotentialBlockSize(out _, out int threads, Value, 0, (nuint)sharedBytes, 0));
        return threads;
    }

    /// <summary>Registers each thread of the compiled kernel takes.</summary>
    public int Registers => Ask(RegistersOfThread);

    /// <summary>Shared memory of a block that the kernel declares itself, bytes.</summary>
    public int StaticSharedBytes => Ask(StaticShared);

    /// <summary>Bytes of memory each thread spills registers and arrays to; 0 in a well-compiled kernel.</summary>
    public int LocalBytes => Ask(LocalOfThread);

    /// <summary>Puts one launch into a stream. The arguments are read before this returns.</summary>
    /// <param name="shape">Blocks and threads.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="arguments">The kernel's parameters, in order and of its types: the driver cannot check them.</param>
    public unsafe void Launch(LaunchShape shape, CudaStream stream, params ReadOnlySpan<KernelArgument> arguments)
    {
        using CudaScope scope = context.Enter();
        fixed (KernelArgument* values = arguments)
        {
            // A null ends it, for bindings that must copy the addresses.
            void** pointers = stackalloc void*[arguments.Length + 1];
            pointers[arguments.Length] = null;
            for (int i = 0; i < arguments.Length; i++)
                pointers[i] = values + i;
            context.Api.Check(context.Api.cuLaunchKernel(Value, shape.GridX, shape.GridY, shape.GridZ, shape.BlockX, shape.BlockY, shape.BlockZ, shape.SharedBytes, stream.Value, pointers, null));
        }
    }

    private int Ask(int attribute)
    {
        using CudaScope scope = context.Enter();
        context.Api.Check(context.Api.cuFuncGetAttribute(out int value, attribute, Value));
        return value;
    }
}
