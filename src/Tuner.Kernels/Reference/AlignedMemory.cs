using System.Runtime.InteropServices;

namespace Tuner.Kernels.Reference;

/// <summary>Zeroed memory outside the garbage collector's reach, aligned to a cache line.</summary>
internal sealed unsafe class AlignedMemory : SafeHandle
{
    /// <summary>A cache line of x86 and most ARM server processors, and the widest vector there is.</summary>
    private const nuint Line = 64;

    public AlignedMemory(long bytes)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        nuint alignment = (nuint)bytes >= HugePages.Bytes ? HugePages.Bytes : Line;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), alignment));
        if (alignment == HugePages.Bytes)
            HugePages.Advise((void*)handle, (nuint)bytes);
        NativeMemory.Clear((void*)handle, (nuint)bytes);
        Bytes = bytes;
    }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>Where it starts; valid until this is disposed.</summary>
    public void* Pointer => (void*)handle;

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
