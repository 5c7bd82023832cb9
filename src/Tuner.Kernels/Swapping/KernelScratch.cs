using System.Runtime.InteropServices;

namespace Tuner.Kernels.Swapping;

/// <summary>A thread's own host memory for outputs nobody but the registry sees; grows and is kept.</summary>
public sealed unsafe class KernelScratch : IDisposable
{
    private const nuint Alignment = 64;
    private void* memory;
    private long bytes;

    /// <summary>Memory of at least a size, aligned to a cache line. What it held before is lost when it grows.</summary>
    /// <param name="size">Bytes.</param>
    /// <returns>Its address.</returns>
    public nint Reserve(long size)
    {
        if (size <= bytes)
            return (nint)memory;
        NativeMemory.AlignedFree(memory);
        memory = NativeMemory.AlignedAlloc((nuint)size, Alignment);
        bytes = size;
        return (nint)memory;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
        bytes = 0;
    }
}
