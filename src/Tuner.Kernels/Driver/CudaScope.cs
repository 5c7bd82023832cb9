using System.Diagnostics;

namespace Tuner.Kernels.Driver;

/// <summary>A stretch of code during which a context is current on this thread.</summary>
internal readonly ref struct CudaScope
{
    private readonly ICudaApi api;
    private readonly nint context;

    public CudaScope(ICudaApi api, nint context)
    {
        api.Check(api.cuCtxPushCurrent_v2(context));
        (this.api, this.context) = (api, context);
    }

    public void Dispose()
    {
        api.Check(api.cuCtxPopCurrent_v2(out nint popped));
        Debug.Assert(popped == context, "Scopes nest.");
    }
}
