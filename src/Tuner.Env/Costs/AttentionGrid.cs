using System.Runtime.CompilerServices;

namespace Tuner.Env.Costs;

/// <summary>Reads residuals of attention kernels: layout × sequences × tokens.</summary>
internal static class AttentionGrid
{
    /// <summary>Bilinear in the logarithms of sequences and tokens, over the corners measured; beyond them the nearest measured node.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Between(ResidualGrid grid, int layout, double sequences, double tokens)
    {
        (int j, double v) = ResidualGrid.Locate(grid.YNodes, sequences);
        (int k, double w) = ResidualGrid.Locate(grid.ZNodes, tokens);
        int j1 = Math.Min(j + 1, grid.YNodes.Length - 1);
        int k1 = Math.Min(k + 1, grid.ZNodes.Length - 1);
        double a = grid[layout, j, k];
        double b = grid[layout, j, k1];
        double c = grid[layout, j1, k];
        double d = grid[layout, j1, k1];
        if (!double.IsNaN(a + b + c + d))
            return ((1 - v) * (((1 - w) * a) + (w * b))) + (v * (((1 - w) * c) + (w * d)));
        return Nearest(grid, layout, j, k);
    }

    /// <summary>The value of the measured node nearest to one that may be missing: fewer tokens first, then fewer sequences.</summary>
    public static double Nearest(ResidualGrid grid, int layout, int j, int k)
    {
        for (int sequences = j; sequences >= 0; sequences--)
        {
            for (int tokens = k; tokens >= 0; tokens--)
            {
                if (!double.IsNaN(grid[layout, sequences, tokens]))
                    return grid[layout, sequences, tokens];
            }
        }

        return 0;
    }
}
