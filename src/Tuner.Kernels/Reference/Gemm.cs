namespace Tuner.Kernels.Reference;

/// <summary>y[rows, outputs] = x[rows, inputs] · w[inputs, outputs] over packed weights, on all threads of a team, in blocks that suit most machines.</summary>
public static class Gemm
{
    /// <summary>
    /// 128 rows of a panel are 16 KiB in 256-bit vectors, half a first-level cache; 256 rows of x are enough to pay for dequantising the panel,
    /// few enough that they stay in the last-level cache.
    /// </summary>
    private static readonly TunableProduct Blocking = new(Depth: 128, RowBlock: 256, PanelRun: 1);

    /// <summary>Multiplies.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="x">x[rows, inputs], row after row.</param>
    /// <param name="rows">Rows of x and y, at least 1.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="y">Receives y[rows, outputs].</param>
    /// <exception cref="ArgumentException">x or y has another size.</exception>
    public static void Multiply(CpuTeam team, ReadOnlySpan<float> x, int rows, PackedWeights weights, Span<float> y)
        => Blocking.Multiply(team, x, rows, weights, y);
}
