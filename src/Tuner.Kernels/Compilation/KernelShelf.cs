using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Compilation;

/// <summary>Kernels loaded onto one GPU, each at its first use.</summary>
public sealed class KernelShelf(CudaDevice device) : IDisposable
{
    /// <summary>Dynamic shared memory every GPU grants without being asked (CUDA C++ programming guide, compute capabilities).</summary>
    private const int GrantedSharedBytes = 48 * 1024;

    private readonly Dictionary<string, (CudaModule Module, CudaFunction Function)> loaded = [];

    /// <summary>The GPU.</summary>
    public CudaDevice Device => device;

    /// <summary>A kernel, ready to launch.</summary>
    /// <exception cref="KernelException">The GPU cannot run it, or it cannot be compiled.</exception>
    /// <exception cref="CudaException">The driver refuses it.</exception>
    public CudaFunction this[KernelSpec kernel]
    {
        get
        {
            if (loaded.TryGetValue(kernel.Entry, out var there))
                return there.Function;
            CudaModule module = device.Load(KernelCompiler.ImageFor(kernel, device.Spec));
            try
            {
                CudaFunction function = module.Function(kernel.Entry);
                if (kernel.SharedBytes > GrantedSharedBytes)
                    function.AllowSharedBytes(kernel.SharedBytes);
                loaded[kernel.Entry] = (module, function);
                return function;
            }
            catch
            {
                module.Dispose();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((CudaModule module, _) in loaded.Values)
            module.Dispose();
        loaded.Clear();
    }
}
