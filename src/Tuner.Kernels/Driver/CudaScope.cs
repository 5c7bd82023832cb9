using System.Diagnostics;
using static Tuner.Kernels.Driver.CudaApi;

namespace Tuner.Kernels.Driver;

/// <summary>A stretch of code during which a context is current on this thread.</summary>
internal readonly ref struct CudaScope
{
    private readonly nint context;

    public CudaScope(nint context)
    {
        Check(cuCtxPushCurrent_v2(context));
        this.context = context;
    }

    public void Dispose()
    {
        Check(cuCtxPopCurrent_v2(out nint popped));
        Debug.Assert(popped == context, "Scopes nest.");
    }
}
