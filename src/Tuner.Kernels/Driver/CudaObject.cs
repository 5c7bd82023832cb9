using System.Runtime.InteropServices;

namespace Tuner.Kernels.Driver;

/// <summary>Something the driver made in a context, freed when disposed or, at the latest, when collected.</summary>
public abstract class CudaObject : SafeHandle
{
    private bool holdsContext;

    private protected CudaObject(CudaContext context)
        : base(0, ownsHandle: true)
        => Context = context;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The driver's handle, or a device address.</summary>
    internal nint Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    private protected CudaContext Context { get; }

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        try
        {
            using CudaScope scope = Context.EnterToRelease();
            return Free(handle) == CudaResult.Success;
        }
        catch (CudaException)
        {
            // The device is lost; its memory went with it. Nothing may escape from a finalizer.
            return false;
        }
        finally
        {
            if (holdsContext)
                Context.DangerousRelease();
        }
    }

    /// <summary>Takes over what the driver made; from here on the context outlives this object.</summary>
    private protected void Own(nint value)
    {
        Context.DangerousAddRef(ref holdsContext);
        SetHandle(value);
    }

    /// <summary>Gives the handle back to the driver; returns its CUresult.</summary>
    private protected abstract int Free(nint value);
}
