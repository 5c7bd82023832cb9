using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Swapping.Cpu;

/// <summary>The product with a blocking a launch chooser picked.</summary>
/// <param name="blocking">The blocking.</param>
public sealed class TunedProductKernel(TunableProduct blocking) : IKernel<ProductCall>
{
    /// <inheritdoc/>
    public string Name { get; } = FormattableString.Invariant($"gemm-{blocking.Depth}x{blocking.RowBlock}x{blocking.PanelRun}");

    /// <inheritdoc/>
    public void Run(in ProductCall call) => blocking.Multiply(call.Team, call.Input, call.Rows, call.Weights, call.Output);
}
