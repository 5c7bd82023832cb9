using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Swapping.Cpu;

/// <summary>One product y[rows, outputs] = x[rows, inputs] · w[inputs, outputs] in host memory that does not move during the call.</summary>
/// <param name="X">First element of x.</param>
/// <param name="Rows">Rows of x and y, at least 1.</param>
/// <param name="Weights">The weights.</param>
/// <param name="Y">First element of y; must not overlap x.</param>
/// <param name="Team">The threads; used by one call at a time.</param>
public readonly unsafe record struct ProductCall(nint X, int Rows, PackedWeights Weights, nint Y, CpuTeam Team)
{
    /// <summary>x, row after row.</summary>
    public ReadOnlySpan<float> Input => new((void*)X, Rows * Weights.Inputs);

    /// <summary>y, row after row.</summary>
    public Span<float> Output => new((void*)Y, Rows * Weights.Outputs);
}
