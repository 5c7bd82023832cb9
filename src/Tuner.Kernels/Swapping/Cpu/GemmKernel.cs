using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Swapping.Cpu;

/// <summary>The calibration's product, with its fixed blocking.</summary>
public sealed class GemmKernel : IKernel<ProductCall>
{
    /// <inheritdoc/>
    public string Name => "gemm-fixed";

    /// <inheritdoc/>
    public void Run(in ProductCall call) => Gemm.Multiply(call.Team, call.Input, call.Rows, call.Weights, call.Output);
}
