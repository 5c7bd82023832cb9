namespace Tuner.Kernels.Driver;

/// <summary>An opened GPU. Any thread may use it and what it makes; each call makes its context current for itself.</summary>
public sealed class CudaDevice : IDisposable
{
    private readonly CudaContext context;
    private bool disposed;

    internal CudaDevice(ICudaApi api, CudaDeviceSpec spec)
    {
        Spec = spec;
        context = new CudaContext(api, spec.Ordinal);
    }

    /// <summary>What it is.</summary>
    public CudaDeviceSpec Spec { get; }

    /// <summary>Memory nobody has taken yet, bytes.</summary>
    public long FreeBytes
    {
        get
        {
            using CudaScope scope = Context.Enter();
            Context.Api.Check(Context.Api.cuMemGetInfo_v2(out nuint free, out _));
            return (long)free;
        }
    }

    /// <summary>Takes GPU memory.</summary>
    /// <param name="bytes">How much, at least 1.</param>
    public CudaMemory Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return new CudaMemory(Context, bytes);
    }

    /// <summary>Takes pinned host memory.</summary>
    /// <param name="bytes">How much, at least 1.</param>
    public PinnedMemory AllocateHost(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return new PinnedMemory(Context, bytes);
    }

    /// <summary>Loads kernels from PTX text or a cubin.</summary>
    /// <exception cref="CudaException">The driver refuses them; the message carries its compiler's log.</exception>
    public CudaModule Load(ReadOnlySpan<byte> image) => new(Context, image);

    /// <summary>Makes a stream.</summary>
    public CudaStream CreateStream() => new(Context);

    /// <summary>Records what is put into a stream, without doing it, as a graph to be launched at once.</summary>
    /// <param name="stream">The stream; it must wait for no other one.</param>
    /// <param name="work">Puts work into it: launches, copies that do not wait, and nothing that does.</param>
    public CudaGraph Capture(CudaStream stream, Action work) => new(Context, stream, work);

    /// <summary>Makes an event.</summary>
    public CudaEvent CreateEvent() => new(Context);

    /// <summary>Makes the GPU current on this thread, for a library that looks there, until the result is disposed.</summary>
    internal CudaScope Enter() => Context.Enter();

    /// <summary>Waits until the GPU has done everything asked of it.</summary>
    public void Synchronize()
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuCtxSynchronize());
    }

    /// <summary>Lets go of the GPU; memory and modules made from it stay valid until they are disposed themselves.</summary>
    public void Dispose()
    {
        disposed = true;
        context.Dispose();
    }

    /// <summary>The context, which outlives the device while something made in it does.</summary>
    private CudaContext Context
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return context;
        }
    }
}
