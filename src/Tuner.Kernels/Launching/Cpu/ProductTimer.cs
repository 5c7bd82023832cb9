using System.Diagnostics;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Launching.Cpu;

/// <summary>Times blockings of a product on this machine's processor.</summary>
public sealed class ProductTimer : ILaunchTimer, IDisposable
{
    private static readonly LaunchAxis[] Parameters =
    [
        new("depth", [32, 64, 128, 256, 512, 1024]),
        new("row_block", [4, 8, 16, 32, 64, 128, 256, 512]),
        new("panel_run", [1, 2, 4, 8, 16]),
        new("threads", []),
    ];

    private readonly CpuTeam[] teams;
    private readonly PackedWeights weights;
    private readonly float[] x;
    private readonly float[] y;
    private readonly int rows;
    private readonly HashSet<int> warm = [];

    /// <summary>Prepares one product.</summary>
    /// <param name="rows">Rows of x.</param>
    /// <param name="weights">The weights; stay the caller's.</param>
    /// <param name="x">x[rows, inputs].</param>
    /// <param name="mostThreads">Most threads tried.</param>
    public ProductTimer(int rows, PackedWeights weights, float[] x, int mostThreads)
    {
        (this.rows, this.weights, this.x) = (rows, weights, x);
        y = new float[rows * weights.Outputs];
        teams = [.. Enumerable.Range(1, mostThreads).Select(width => new CpuTeam(width))];
        LaunchAxis[] axes = [.. Parameters[..^1], Parameters[^1] with { Values = [.. Enumerable.Range(1, mostThreads)] }];
        int most = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows);
        Space = LaunchSpace.Of(axes, values => values[0] <= weights.Inputs && values[1] <= Math.Max(4, most) && values[2] <= weights.Panels);
    }

    /// <summary>Depth, rows, panels and threads.</summary>
    public LaunchSpace Space { get; }

    /// <summary>The kernel of a configuration.</summary>
    public TunableProduct Kernel(int configuration)
        => new(Space.Value(configuration, "depth"), Space.Value(configuration, "row_block"), Space.Value(configuration, "panel_run"));

    /// <summary>
    /// Orders blockings before any is timed, by traffic: an item streams its block of x once for every run of panels and its panel once for every
    /// block of rows; a panel block that outgrows the first-level cache, items too few for the threads, and their uneven last round cost in proportion.
    /// </summary>
    public double Prior(int configuration)
    {
        const int firstLevelBytes = 32 * 1024;
        (int depth, int rowBlock, int run, int threads) = (
            Space.Value(configuration, "depth"), Space.Value(configuration, "row_block"), Space.Value(configuration, "panel_run"), Space.Value(configuration, "threads"));
        double block = Math.Min(rowBlock, rows);
        double items = Math.Ceiling(rows / block) * Math.Ceiling((double)weights.Panels / run);
        double rounds = Math.Ceiling(items / threads) * threads / items;
        double spill = Math.Max(1, depth * Panel.Columns * (double)sizeof(float) / (firstLevelBytes / 2));
        double perMultiply = 1 + (4 / block) + (0.5 * (spill - 1)) + (16.0 / depth);
        return perMultiply * rounds / threads;
    }

    /// <inheritdoc/>
    public LaunchTiming Time(int configuration)
    {
        TunableProduct kernel = Kernel(configuration);
        CpuTeam team = teams[Space.Value(configuration, "threads") - 1];
        if (warm.Add(configuration))
            kernel.Multiply(team, x, rows, weights, y);
        long start = Stopwatch.GetTimestamp();
        kernel.Multiply(team, x, rows, weights, y);
        return LaunchTiming.Of(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        foreach (CpuTeam team in teams)
            team.Dispose();
    }
}
