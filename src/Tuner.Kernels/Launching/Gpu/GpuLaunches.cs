using System.Text;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Launching.Gpu;

/// <summary>The launches of one catalogue kernel on one shape: variants that are compiled apart, and what is left open at run time.</summary>
public abstract class GpuLaunches
{
    /// <summary>Its name and shape, for a person.</summary>
    public abstract string Name { get; }

    /// <summary>The sizes a choice is kept for.</summary>
    public abstract IReadOnlyList<int> Sizes { get; }

    /// <summary>The configurations.</summary>
    public abstract LaunchSpace Space { get; }

    /// <summary>What is compiled for a configuration.</summary>
    public abstract KernelSpec Kernel(int configuration);

    /// <summary>Hash of everything any configuration is compiled from, and of the space.</summary>
    public string Hash() => LaunchKey.HashOf(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Space.Count).Select(Kernel).Distinct().Select(KernelSources.HashOf))), Space);

    /// <summary>What a launch asks of the GPU, for the prior.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="registers">Registers of a thread; a lower bound where they are not known.</param>
    public abstract LaunchWork Work(int configuration, int registers);

    /// <summary>Places of inputs that calls rotate through.</summary>
    internal abstract int Places { get; }

    /// <summary>Puts one launch into the stream.</summary>
    internal abstract void Launch(int configuration, CudaFunction function, int place);
}
