using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Swapping.Gpu;

/// <summary>A CUDA kernel as an implementation in the registry: loaded when it is made, unloaded when the registry lets it go.</summary>
/// <remarks>The sum is not split among blocks: that needs room of which only one stream at a time may use a piece.</remarks>
public sealed class CudaProductKernel : IKernel<DeviceProductCall>, IDisposable
{
    private readonly ProductKernel product;
    private readonly KernelShelf shelf;
    private readonly SplitWorkspace none;

    /// <summary>Loads the kernel.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="kernel">One of <see cref="KernelCatalog.Products"/>, bf16.</param>
    /// <exception cref="ArgumentException">The kernel multiplies other numbers.</exception>
    /// <exception cref="KernelException">The GPU cannot run it, or it cannot be compiled.</exception>
    public CudaProductKernel(CudaDevice device, KernelSpec kernel)
    {
        product = new ProductKernel(kernel);
        if (product.IsFourBit || product.IsFp8)
            throw new ArgumentException($"{kernel.Entry} does not multiply bf16 by bf16.", nameof(kernel));
        shelf = new KernelShelf(device);
        none = new SplitWorkspace(device);
        try
        {
            // Loaded here, so that calls from several threads only look it up.
            _ = shelf[kernel];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name => product.Kernel.Entry;

    /// <inheritdoc/>
    public void Run(in DeviceProductCall call)
        => product.Launch(shelf, call.Stream, call.Shape, call.X, KernelArgument.Of(call.W), KernelArgument.Null, call.Y, none, 1, splits: 1);

    /// <summary>Unloads the kernel.</summary>
    public void Dispose()
    {
        none.Dispose();
        shelf.Dispose();
    }
}
