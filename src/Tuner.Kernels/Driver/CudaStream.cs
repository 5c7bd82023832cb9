namespace Tuner.Kernels.Driver;

/// <summary>Work a GPU does in order.</summary>
public sealed class CudaStream : CudaObject
{
    /// <summary>CU_STREAM_NON_BLOCKING: does not wait for the default stream.</summary>
    private const uint NonBlocking = 1;

    internal CudaStream(CudaContext context)
        : base(context)
    {
        using CudaScope scope = context.Enter();
        Context.Api.Check(Context.Api.cuStreamCreate(out nint stream, NonBlocking));
        Own(stream);
    }

    /// <summary>Waits until everything put into the stream is done.</summary>
    /// <exception cref="CudaException">Something in it failed.</exception>
    public void Synchronize()
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuStreamSynchronize(Value));
    }

    /// <summary>What is put into the stream from now on waits until the GPU passed a mark in another one.</summary>
    public void WaitFor(CudaEvent mark)
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuStreamWaitEvent(Value, mark.Value, 0));
    }

    private protected override int Free(nint value) => Context.Api.cuStreamDestroy_v2(value);
}
