using Tuner.Env.Simulation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>GPU memory full of harmless numbers, of which each call takes a place the second-level cache does not hold.</summary>
internal sealed class GpuArena : IDisposable
{
    /// <summary>Inputs rotate through this many second-level caches.</summary>
    private const int WorkingSetCaches = 2;

    private const long PatternBytes = 64L << 20;
    private const long Alignment = 1024;

    private readonly CudaMemory memory;
    private readonly long working;

    public GpuArena(CudaDevice device, CudaStream stream, long bytes)
    {
        memory = device.Allocate(bytes);
        working = WorkingSetCaches * (long)device.Spec.L2Bytes;
        using PinnedMemory pattern = device.AllocateHost(Math.Min(PatternBytes, bytes));
        Span<ushort> numbers = pattern.Span<ushort>();
        RandomStream random = RandomStream.For(1, "inputs");
        for (int i = 0; i < numbers.Length; i++)
        {
            // Below 1 in size as bf16, and in neither byte the NaN of FP8.
            ushort bits = Bf16.Bits((float)((2 * random.NextDouble()) - 1));
            numbers[i] = (ushort)((bits & 0x7f) == 0x7f ? bits & ~1 : bits);
        }

        for (long at = 0; at + pattern.Bytes <= bytes; at += pattern.Bytes)
            memory.Write(pattern, at, stream);
        stream.Synchronize();
    }

    public long Bytes => memory.Bytes;

    /// <summary>Places for inputs of a size: so many that together they exceed the cache, or as many as there is room for.</summary>
    public int PlacesFor(long bytes) => (int)Math.Clamp(Math.Min((working / bytes) + 2, (Bytes - (Bytes / 4)) / Whole(bytes)), 1, 64);

    /// <summary>The address of a place, a share of the arena from the start.</summary>
    public KernelArgument At(long bytes, int place, long offset = 0) => KernelArgument.Of(memory, (Whole(bytes) * place) + offset);

    public void Dispose() => memory.Dispose();

    private static long Whole(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
