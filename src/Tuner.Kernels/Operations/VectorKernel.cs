using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Operations;

/// <summary>Launches of <c>gemv_w4.cu</c>: up to four rows of bf16 times four-bit weights.</summary>
public sealed class VectorKernel(KernelSpec kernel)
{
    private const int InputsOfLane = 32;

    /// <summary>The kernel.</summary>
    public KernelSpec Kernel => kernel;

    /// <summary>Whether the kernel takes a shape.</summary>
    public bool Takes(ProductShape shape) => shape.Rows <= kernel["ROWS"] && shape.Inputs % Math.Max(InputsOfLane, kernel["GROUP"]) == 0;

    /// <summary>Launches.</summary>
    /// <inheritdoc cref="ProductKernel.Launch"/>
    public void Launch(KernelShelf shelf, CudaStream stream, ProductShape shape, CudaMemory x, KernelArgument w, KernelArgument scales, CudaMemory y, float scale)
    {
        if (!Takes(shape))
            throw new ArgumentException($"{kernel.Entry} does not take {shape}: at most {kernel["ROWS"]} rows, and inputs in whole groups.", nameof(shape));
        int warps = kernel["WARPS"];
        shelf[kernel].Launch(
            new LaunchShape((uint)((shape.Outputs + warps - 1) / warps), (uint)kernel.Threads),
            stream,
            KernelArgument.Of(x), w, scales, KernelArgument.Of(y), KernelArgument.Of(scale), KernelArgument.Of(shape.Rows), KernelArgument.Of(shape.Outputs), KernelArgument.Of(shape.Inputs));
    }
}
