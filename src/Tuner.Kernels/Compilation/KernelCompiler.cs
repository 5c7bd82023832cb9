using System.Collections.Concurrent;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Compilation;

/// <summary>Compiles kernels at run time, and finds for a GPU the image to load.</summary>
public static class KernelCompiler
{
    private static readonly ConcurrentDictionary<(string Hash, ComputeTarget Target, bool Cubin), byte[]> Done = new();

    /// <summary>Whether this machine has NVIDIA's run-time compiler.</summary>
    public static bool IsThere => Nvrtc.TryOpen(out _);

    /// <summary>What was looked for and found, in a sentence.</summary>
    public static string Describe() => Nvrtc.Describe();

    /// <summary>Compiles a kernel; the same kernel only once in a process.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="target">For which compute capability.</param>
    /// <param name="cubin">Machine code of that capability alone instead of PTX.</param>
    /// <exception cref="KernelException">There is no compiler, it does not know the target, or the source does not compile.</exception>
    public static byte[] Compile(KernelSpec kernel, ComputeTarget target, bool cubin)
    {
        if (!Nvrtc.TryOpen(out INvrtc? compiler))
            throw new KernelException($"{kernel.Entry} cannot be compiled: {Nvrtc.Describe()}");
        if (!compiler.Architectures.Contains(target.Number))
            throw new KernelException($"{kernel.Entry} cannot be compiled for {target.Option("sm")}: {Nvrtc.Describe().TrimEnd('.')} knows {string.Join(", ", compiler.Architectures.Select(number => $"sm_{number}"))}.");
        return Done.GetOrAdd((KernelSources.HashOf(kernel), target, cubin), _ => compiler.Compile(
            kernel.Source,
            KernelSources.All[kernel.Source],
            KernelSources.Headers,
            ["--gpu-architecture=" + target.Option(cubin ? "sm" : "compute"), "--std=c++17", .. KernelSources.DefinesOf(kernel)],
            cubin));
    }

    /// <summary>The image to load for a GPU: what was compiled ahead of time where it fits, else compiled now for that GPU.</summary>
    /// <exception cref="KernelException">The GPU cannot run the kernel, or nothing was compiled for it and there is no compiler.</exception>
    public static byte[] ImageFor(KernelSpec kernel, CudaDeviceSpec device)
    {
        if (!kernel.Target.RunsOn(device))
            throw new KernelException($"{kernel.Entry} needs {kernel.Target}; {device.Name} has {device.ComputeMajor}.{device.ComputeMinor}.");
        if (CompiledKernels.TargetOf(kernel) is { } compiled && compiled.RunsOn(device) && CompiledKernels.PtxOf(kernel) is { } ptx)
            return ptx;
        return Compile(kernel, new ComputeTarget(device.ComputeMajor, device.ComputeMinor, kernel.Target.Exact), cubin: true);
    }
}
