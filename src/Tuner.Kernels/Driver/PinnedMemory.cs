using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Driver;

/// <summary>Host memory that is never paged out, so that the GPU may copy from and to it while the host works on.</summary>
public sealed class PinnedMemory : CudaObject
{
    internal PinnedMemory(CudaContext context, long bytes)
        : base(context)
    {
        using CudaScope scope = context.Enter();
        Context.Api.Check(Context.Api.cuMemHostAlloc(out nint pointer, (nuint)bytes, 0));
        Own(pointer);
        Bytes = bytes;
    }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>The memory as elements; valid until this is disposed.</summary>
    public unsafe Span<T> Span<T>()
        where T : unmanaged
        => new((void*)Value, checked((int)(Bytes / Unsafe.SizeOf<T>())));

    private protected override int Free(nint value) => Context.Api.cuMemFreeHost(value);
}
