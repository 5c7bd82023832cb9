namespace Tuner.Kernels.Driver;

/// <summary>A mark in a stream that tells when the GPU passed it.</summary>
public sealed class CudaEvent : CudaObject
{
    private const double MillisecondsPerSecond = 1000;

    internal CudaEvent(CudaContext context)
        : base(context)
    {
        using CudaScope scope = context.Enter();
        Context.Api.Check(Context.Api.cuEventCreate(out nint mark, 0));
        Own(mark);
    }

    /// <summary>Puts the mark behind everything now in the stream.</summary>
    public void Record(CudaStream stream)
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuEventRecord(Value, stream.Value));
    }

    /// <summary>Seconds the GPU took from an earlier mark to this one, to about half a microsecond; waits for this one.</summary>
    public double SecondsSince(CudaEvent start)
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuEventSynchronize(Value));
        Context.Api.Check(Context.Api.cuEventElapsedTime(out float milliseconds, start.Value, Value));
        return milliseconds / MillisecondsPerSecond;
    }

    private protected override int Free(nint value) => Context.Api.cuEventDestroy_v2(value);
}
