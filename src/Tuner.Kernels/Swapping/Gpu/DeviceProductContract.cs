using System.Collections.Concurrent;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Swapping.Gpu;

/// <summary>The contract of a bf16 product in GPU memory. Dispose it after every worker that used it has ended.</summary>
/// <param name="device">The GPU.</param>
public sealed class DeviceProductContract(CudaDevice device) : KernelContract<DeviceProductCall>, IDisposable
{
    /// <summary>A kernel copies 16 bytes at a time.</summary>
    private const int Vector = 8;

    /// <summary>Results of 32-bit sums may round to neighbouring bf16 numbers, 1/128 apart at most, and elements reach six times the typical one.</summary>
    private const double Relative = 6.0 / 128;

    private const double Absolute = 1e-6;

    /// <summary>GPU memory of each thread, known by its host scratch.</summary>
    private readonly ConcurrentDictionary<KernelScratch, CudaMemory> rooms = new();

    /// <inheritdoc/>
    public override string Operation => "product bf16, GPU memory";

    /// <inheritdoc/>
    public override Tolerance Tolerance => new(Relative, Absolute);

    /// <inheritdoc/>
    public override bool Covers(in DeviceProductCall call) => call.Shape.Inputs % Vector == 0;

    /// <inheritdoc/>
    public override long OutputBytes(in DeviceProductCall call) => (long)call.Shape.Rows * call.Shape.Outputs * sizeof(ushort);

    /// <inheritdoc/>
    public override DeviceProductCall Redirect(in DeviceProductCall call, KernelScratch scratch)
    {
        long bytes = OutputBytes(call);
        if (!rooms.TryGetValue(scratch, out CudaMemory? room) || room.Bytes < bytes)
        {
            // Freeing waits for the GPU, so nothing still writes to the old one.
            room?.Dispose();
            rooms[scratch] = room = device.Allocate(bytes);
        }

        return call with { Y = room };
    }

    /// <inheritdoc/>
    public override void Finish(in DeviceProductCall call) => call.Stream.Synchronize();

    /// <inheritdoc/>
    public override OutputVerdict Compare(in DeviceProductCall expected, in DeviceProductCall actual) => Tolerance.Compare(Read(expected), Read(actual));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CudaMemory room in rooms.Values)
            room.Dispose();
        rooms.Clear();
    }

    private static float[] Read(in DeviceProductCall call)
    {
        var bits = new ushort[call.Shape.Rows * call.Shape.Outputs];
        call.Y.Read<ushort>(bits);
        return Bf16.Values(bits);
    }
}
