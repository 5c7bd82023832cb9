using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Operations;

/// <summary>Room for the parts of sums that several blocks share, and counters of who is done; it grows as asked.</summary>
/// <remarks>One stream at a time may use it.</remarks>
public sealed class SplitWorkspace(CudaDevice device) : IDisposable
{
    private CudaMemory? parts;
    private CudaMemory? counters;

    /// <summary>Room for a launch; nothing when the work is not split.</summary>
    /// <param name="splits">Parts.</param>
    /// <param name="floats">Numbers of all parts together.</param>
    /// <param name="tiles">Counters needed.</param>
    internal (KernelArgument Parts, KernelArgument Counters) For(int splits, long floats, int tiles)
    {
        if (splits == 1)
            return (KernelArgument.Null, KernelArgument.Null);
        Grow(ref parts, floats * sizeof(float));
        Grow(ref counters, tiles * sizeof(uint));
        return (KernelArgument.Of(parts!), KernelArgument.Of(counters!));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        parts?.Dispose();
        counters?.Dispose();
    }

    private void Grow(ref CudaMemory? memory, long bytes)
    {
        if (memory is not null && memory.Bytes >= bytes)
            return;

        // Kernels still under way may use the old one.
        device.Synchronize();
        memory?.Dispose();
        memory = device.Allocate(bytes);
        memory.Write<byte>(new byte[bytes]);
    }
}
