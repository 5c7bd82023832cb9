using System.Runtime.InteropServices;

namespace Tuner.Kernels.Driver;

/// <summary>A device's primary context, shared with everything else in the process that uses the device.</summary>
/// <remarks>Everything made in it holds a reference, so it outlives them in whatever order they are disposed or finalised.</remarks>
internal sealed class CudaContext : SafeHandle
{
    private readonly int device;

    public CudaContext(ICudaApi api, int ordinal)
        : base(0, ownsHandle: true)
    {
        Api = api;
        Api.Check(Api.cuDeviceGet(out device, ordinal));
        Api.Check(Api.cuDevicePrimaryCtxRetain(out nint context, device));
        SetHandle(context);
    }

    /// <summary>The binding it was made through, and everything in it.</summary>
    public ICudaApi Api { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>Makes the context current on this thread until the result is disposed.</summary>
    public CudaScope Enter()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new CudaScope(Api, handle);
    }

    /// <summary>The same while objects are being released, when the context may be closed but is still referenced.</summary>
    internal CudaScope EnterToRelease() => new(Api, handle);

    protected override bool ReleaseHandle() => Api.cuDevicePrimaryCtxRelease_v2(device) == CudaResult.Success;
}
