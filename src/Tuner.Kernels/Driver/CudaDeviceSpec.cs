using System.Globalization;

namespace Tuner.Kernels.Driver;

/// <summary>What a GPU is, asked of the driver without opening it.</summary>
/// <param name="Ordinal">Its number, from 0.</param>
/// <param name="Name">Its name, such as <c>NVIDIA H200</c>.</param>
/// <param name="ComputeMajor">Compute capability, before the point.</param>
/// <param name="ComputeMinor">Compute capability, after the point.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Multiprocessors">Its streaming multiprocessors.</param>
/// <param name="L2Bytes">Its level-2 cache.</param>
public sealed record CudaDeviceSpec(int Ordinal, string Name, int ComputeMajor, int ComputeMinor, long MemoryBytes, int Multiprocessors, int L2Bytes)
{
    /// <summary>The highest clock of its multiprocessors, hertz; 0 where the driver does not say.</summary>
    public double ClockHertz { get; init; }

    /// <summary>Peak bandwidth of its memory, bytes a second: two transfers a clock over the width of the bus; 0 where the driver does not say.</summary>
    public double MemoryBytesPerSecond { get; init; }

    /// <summary>Name, compute capability and memory, for a person.</summary>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Name} (compute {ComputeMajor}.{ComputeMinor}, {MemoryBytes / 1e9:0} GB)");
}
