using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Driver;

/// <summary>A piece of a GPU's memory.</summary>
public sealed class CudaMemory : CudaObject
{
    internal CudaMemory(CudaContext context, long bytes)
        : base(context)
    {
        using CudaScope scope = context.Enter();
        Context.Api.Check(Context.Api.cuMemAlloc_v2(out nint pointer, (nuint)bytes));
        Own(pointer);
        Bytes = bytes;
    }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>Copies from the host and waits until it is done.</summary>
    /// <exception cref="ArgumentException">The source is longer than this memory.</exception>
    public unsafe void Write<T>(ReadOnlySpan<T> source)
        where T : unmanaged
    {
        nuint bytes = Fit((long)source.Length * Unsafe.SizeOf<T>());
        using CudaScope scope = Context.Enter();
        fixed (T* pointer = source)
            Context.Api.Check(Context.Api.cuMemcpyHtoD_v2(Value, pointer, bytes));

        // From pageable memory the call may return when the bytes are staged; streams that do not block would overtake it.
        Context.Api.Check(Context.Api.cuStreamSynchronize(0));
    }

    /// <summary>Copies to the host and waits until it is done.</summary>
    /// <exception cref="ArgumentException">The target is longer than this memory.</exception>
    public unsafe void Read<T>(Span<T> target)
        where T : unmanaged
    {
        nuint bytes = Fit((long)target.Length * Unsafe.SizeOf<T>());
        using CudaScope scope = Context.Enter();
        fixed (T* pointer = target)
            Context.Api.Check(Context.Api.cuMemcpyDtoH_v2(pointer, Value, bytes));
    }

    /// <summary>Starts a copy from pinned host memory; leave that alone until the stream has got there.</summary>
    public void Write(PinnedMemory source, CudaStream stream) => Write(source, 0, stream);

    /// <summary>The same to a place some bytes into this memory.</summary>
    public void Write(PinnedMemory source, long offset, CudaStream stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        _ = Fit(offset + source.Bytes);
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuMemcpyHtoDAsync_v2(Value + (nint)offset, source.Value, (nuint)source.Bytes, stream.Value));
    }

    /// <summary>Starts a copy to pinned host memory; it holds the data once the stream has got there.</summary>
    public void Read(PinnedMemory target, CudaStream stream)
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuMemcpyDtoHAsync_v2(target.Value, Value, Fit(target.Bytes), stream.Value));
    }

    /// <summary>Starts a copy of a whole other piece of this GPU's memory.</summary>
    public void Write(CudaMemory source, CudaStream stream)
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuMemcpyDtoDAsync_v2(Value, source.Value, Fit(source.Bytes), stream.Value));
    }

    /// <summary>Starts filling the whole of it with one byte.</summary>
    public void Fill(byte value, CudaStream stream)
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuMemsetD8Async(Value, value, (nuint)Bytes, stream.Value));
    }

    private protected override int Free(nint value) => Context.Api.cuMemFree_v2(value);

    private nuint Fit(long bytes)
        => bytes <= Bytes ? (nuint)bytes : throw new ArgumentException($"{bytes} bytes to copy; this memory holds {Bytes}.");
}
