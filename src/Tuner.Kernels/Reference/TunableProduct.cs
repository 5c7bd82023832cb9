using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>y[rows, outputs] = x[rows, inputs] · w[inputs, outputs] over packed weights, on all threads of a team, with its blocking left open.</summary>
/// <remarks>
/// An item is a block of rows times a run of panels. Every sum runs over the depth in the same order whatever the blocking, so
/// all blockings and any number of threads give the same bits.
/// </remarks>
/// <param name="Depth">Rows of a panel multiplied at a time; a multiple of <see cref="PackedWeights.Group"/>.</param>
/// <param name="RowBlock">Rows of x an item takes.</param>
/// <param name="PanelRun">Panels an item takes one after the other.</param>
public sealed unsafe record TunableProduct(int Depth, int RowBlock, int PanelRun)
{
    /// <summary>Multiplies.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="x">x[rows, inputs], row after row.</param>
    /// <param name="rows">Rows of x and y, at least 1.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="y">Receives y[rows, outputs].</param>
    /// <exception cref="ArgumentException">x or y has another size.</exception>
    public void Multiply(CpuTeam team, ReadOnlySpan<float> x, int rows, PackedWeights weights, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        Shape.Require(x.Length, (long)rows * weights.Inputs, nameof(x));
        Shape.Require(y.Length, (long)rows * weights.Outputs, nameof(y));
        team.Reserve((long)(Depth + RowBlock) * Panel.Columns * sizeof(float));
        fixed (float* xs = x, ys = y)
        {
            var call = new Call { Team = team, Weights = weights, X = xs, Y = ys, Rows = rows, Blocking = this };
            int rowBlocks = (rows + RowBlock - 1) / RowBlock;
            int runs = (weights.Panels + PanelRun - 1) / PanelRun;
#pragma warning disable CS8500 // The references stay alive on this stack frame until every item is done.
            team.Run(rowBlocks * runs, &Item, &call);
#pragma warning restore CS8500
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Item(int item, int worker, void* state)
    {
        ref Call call = ref Unsafe.AsRef<Call>(state);
        (PackedWeights weights, TunableProduct blocking) = (call.Weights, call.Blocking);
        int runs = (weights.Panels + blocking.PanelRun - 1) / blocking.PanelRun;
        int firstRow = item / runs * blocking.RowBlock;
        int rows = Math.Min(blocking.RowBlock, call.Rows - firstRow);
        int firstPanel = item % runs * blocking.PanelRun;
        int lastPanel = Math.Min(weights.Panels, firstPanel + blocking.PanelRun);
        float* buffer = call.Team.Scratch(worker);
        float* result = buffer + (blocking.Depth * Panel.Columns);
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            new Span<float>(result, rows * Panel.Columns).Clear();
            for (int start = 0; start < weights.Inputs; start += blocking.Depth)
            {
                int depth = Math.Min(blocking.Depth, weights.Inputs - start);
                float* block = weights.Rows(panel, start, depth, buffer);
                Panel.Accumulate(call.X + ((long)firstRow * weights.Inputs) + start, weights.Inputs, rows, block, Panel.Columns, depth, result, Panel.Columns);
            }

            int firstColumn = panel * Panel.Columns;
            int columns = Math.Min(Panel.Columns, weights.Outputs - firstColumn);
            for (int row = 0; row < rows; row++)
                new ReadOnlySpan<float>(result + (row * Panel.Columns), columns).CopyTo(new Span<float>(call.Y + ((long)(firstRow + row) * weights.Outputs) + firstColumn, columns));
        }
    }

    private ref struct Call
    {
        public CpuTeam Team;
        public PackedWeights Weights;
        public TunableProduct Blocking;
        public float* X;
        public float* Y;
        public int Rows;
    }
}
