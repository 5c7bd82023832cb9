using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>y[rows, outputs] = x[rows, inputs] · w[inputs, outputs] over packed weights, on all threads of a team.</summary>
public static unsafe class Gemm
{
    /// <summary>Rows of a panel multiplied at a time: 16 KiB in 256-bit vectors, half a first-level cache. A multiple of 32.</summary>
    private const int Depth = 128;

    /// <summary>Rows of x an item takes: enough to pay for dequantising the panel, few enough that their x stays in the last-level cache.</summary>
    private const int RowBlock = 256;

    /// <summary>Multiplies.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="x">x[rows, inputs], row after row.</param>
    /// <param name="rows">Rows of x and y, at least 1.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="y">Receives y[rows, outputs].</param>
    /// <exception cref="ArgumentException">x or y has another size.</exception>
    public static void Multiply(CpuTeam team, ReadOnlySpan<float> x, int rows, PackedWeights weights, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        Shape.Require(x.Length, (long)rows * weights.Inputs, nameof(x));
        Shape.Require(y.Length, (long)rows * weights.Outputs, nameof(y));
        team.Reserve((Depth + RowBlock) * Panel.Columns * sizeof(float));
        fixed (float* xs = x, ys = y)
        {
            var call = new Call { Team = team, Weights = weights, X = xs, Y = ys, Rows = rows };
            int rowBlocks = (rows + RowBlock - 1) / RowBlock;
#pragma warning disable CS8500 // The references stay alive on this stack frame until every item is done.
            team.Run(rowBlocks * weights.Panels, &Item, &call);
#pragma warning restore CS8500
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Item(int item, int worker, void* state)
    {
        ref Call call = ref Unsafe.AsRef<Call>(state);
        PackedWeights weights = call.Weights;
        int panel = item % weights.Panels;
        int firstRow = item / weights.Panels * RowBlock;
        int rows = Math.Min(RowBlock, call.Rows - firstRow);
        int firstColumn = panel * Panel.Columns;
        int columns = Math.Min(Panel.Columns, weights.Outputs - firstColumn);
        float* buffer = call.Team.Scratch(worker);
        float* result = buffer + (Depth * Panel.Columns);
        new Span<float>(result, rows * Panel.Columns).Clear();
        for (int start = 0; start < weights.Inputs; start += Depth)
        {
            int depth = Math.Min(Depth, weights.Inputs - start);
            float* block = weights.Rows(panel, start, depth, buffer);
            Panel.Accumulate(call.X + ((long)firstRow * weights.Inputs) + start, weights.Inputs, rows, block, Panel.Columns, depth, result, Panel.Columns);
        }

        for (int row = 0; row < rows; row++)
            new ReadOnlySpan<float>(result + (row * Panel.Columns), columns).CopyTo(new Span<float>(call.Y + ((long)(firstRow + row) * weights.Outputs) + firstColumn, columns));
    }

    private ref struct Call
    {
        public CpuTeam Team;
        public PackedWeights Weights;
        public float* X;
        public float* Y;
        public int Rows;
    }
}
