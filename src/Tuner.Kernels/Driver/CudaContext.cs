using System.Runtime.InteropServices;
using static Tuner.Kernels.Driver.CudaApi;

namespace Tuner.Kernels.Driver;

/// <summary>A device's primary context, shared with everything else in the process that uses the device.</summary>
/// <remarks>Everything made in it holds a reference, so it outlives them in whatever order they are disposed or finalised.</remarks>
internal sealed class CudaContext : SafeHandle
{
    private readonly int device;

    public CudaContext(int ordinal)
        : base(0, ownsHandle: true)
    {
        Check(cuDeviceGet(out device, ordinal));
        Check(cuDevicePrimaryCtxRetain(out nint context, device));
        SetHandle(context);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Makes the context current on this thread until the result is disposed.</summary>
    public CudaScope Enter()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new CudaScope(handle);
    }

    /// <summary>The same while objects are being released, when the context may be closed but is still referenced.</summary>
    internal CudaScope EnterToRelease() => new(handle);

    protected override bool ReleaseHandle() => cuDevicePrimaryCtxRelease_v2(device) == Success;
}
