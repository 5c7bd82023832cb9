using static Tuner.Kernels.Driver.CudaApi;

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
        Check(cuStreamCreate(out nint stream, NonBlocking));
        Own(stream);
    }

    /// <summary>Waits until everything put into the stream is done.</summary>
    /// <exception cref="CudaException">Something in it failed.</exception>
    public void Synchronize()
    {
        using CudaScope scope = Context.Enter();
        Check(cuStreamSynchronize(Value));
    }

    private protected override int Free(nint value) => cuStreamDestroy_v2(value);
}
