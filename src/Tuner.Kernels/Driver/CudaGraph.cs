namespace Tuner.Kernels.Driver;

/// <summary>Work recorded from a stream and launched as one: the host's time to launch each kernel is paid once, at recording.</summary>
public sealed class CudaGraph : CudaObject
{
    /// <summary>CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: what other threads do does not disturb it.</summary>
    private const int ThreadLocal = 1;

    internal CudaGraph(CudaContext context, CudaStream stream, Action work)
        : base(context)
    {
        using CudaScope scope = context.Enter();
        ICudaApi api = context.Api;
        api.Check(api.cuStreamBeginCapture_v2(stream.Value, ThreadLocal));
        nint graph;
        try
        {
            work();
        }
        catch
        {
            // The stream must not stay in recording; what was recorded is of no use.
            if (api.cuStreamEndCapture(stream.Value, out nint half) == CudaResult.Success && half != 0)
                _ = api.cuGraphDestroy(half);
            throw;
        }

        api.Check(api.cuStreamEndCapture(stream.Value, out graph));
        try
        {
            api.Check(api.cuGraphInstantiateWithFlags(out nint executable, graph, 0));
            Own(executable);
        }
        finally
        {
            _ = api.cuGraphDestroy(graph);
        }
    }

    /// <summary>Puts the whole of it into a stream.</summary>
    public void Launch(CudaStream stream)
    {
        using CudaScope scope = Context.Enter();
        Context.Api.Check(Context.Api.cuGraphLaunch(Value, stream.Value));
    }

    private protected override int Free(nint value) => Context.Api.cuGraphExecDestroy(value);
}
