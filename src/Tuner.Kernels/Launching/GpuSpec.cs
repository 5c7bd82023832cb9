namespace Tuner.Kernels.Launching;

/// <summary>What a launch prior needs to know of a GPU.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Capability">Its compute capability.</param>
/// <param name="Multiprocessors">Its multiprocessors.</param>
/// <param name="FlopsPerSecond">Peak arithmetic of the kind the kernel does.</param>
/// <param name="BytesPerSecond">Peak memory bandwidth.</param>
public sealed record GpuSpec(string Name, ComputeCapability Capability, int Multiprocessors, double FlopsPerSecond, double BytesPerSecond)
{
    /// <summary>GPUs whose recorded timings are read here: multiprocessors, single-precision peak and bandwidth of NVIDIA's data sheets.</summary>
    public static IReadOnlyList<GpuSpec> Recorded { get; } =
    [
        new("NVIDIA A100-PCIE-40GB", new(8, 0), 108, 19.5e12, 1555e9), // A100 data sheet, 40 GB PCIe
        new("NVIDIA RTX A4000", new(8, 6), 48, 19.2e12, 448e9), // RTX A4000 data sheet
        new("NVIDIA RTX A6000", new(8, 6), 84, 38.7e12, 768e9), // RTX A6000 data sheet
        new("NVIDIA GeForce RTX 3090", new(8, 6), 82, 35.6e12, 936e9), // GA102 white paper
        new("NVIDIA GeForce RTX 3060 Laptop GPU", new(8, 6), 30, 10.9e12, 336e9), // GeForce RTX 3060 laptop specification, 1.43 GHz
        new("NVIDIA GeForce RTX 2080 Ti", new(7, 5), 68, 13.4e12, 616e9), // Turing white paper
        new("NVIDIA TITAN RTX", new(7, 5), 72, 16.3e12, 672e9), // Titan RTX specification
    ];

    /// <summary>The limits of its multiprocessors.</summary>
    public MultiprocessorLimits Limits => MultiprocessorLimits.Of(Capability);

    /// <summary>The recorded GPU of a name, written with spaces or underscores.</summary>
    /// <exception cref="ArgumentException">It is not listed.</exception>
    public static GpuSpec Named(string name)
        => Recorded.FirstOrDefault(gpu => string.Equals(gpu.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"GPU '{name}' is not listed; known are {string.Join(", ", Recorded.Select(gpu => gpu.Name))}.", nameof(name));
}
