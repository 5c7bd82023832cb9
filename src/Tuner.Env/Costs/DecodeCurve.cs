using System.Runtime.CompilerServices;

namespace Tuner.Env.Costs;

/// <summary>Decode attention of one layer for one layout of heads: bilinear between measured sequences and tokens.</summary>
/// <remarks>For a fixed number of sequences it is affine in the cached tokens from one knot to the next, which the simulator relies on.</remarks>
internal sealed class DecodeCurve
{
    private readonly double[] sequences;
    private readonly double[] tokens;
    private readonly double[] seconds;

    public DecodeCurve(AttentionTerm term, double heads, double kvHeads, double launchSeconds)
    {
        ResidualGrid? grid = term.Residuals;
        sequences = grid is null ? [1, 1024] : [.. grid.Y.Select(value => (double)value)];
        tokens = grid is null ? [1, 131072] : [.. grid.Z.Select(value => (double)value)];
        seconds = new double[sequences.Length * tokens.Length];
        int layout = HeadChoice.Nearest(term.Heads, heads, kvHeads);
        for (int j = 0; j < sequences.Length; j++)
        {
            for (int k = 0; k < tokens.Length; k++)
            {
                double residual = grid is null ? 0 : AttentionGrid.Nearest(grid, layout, j, k);
                double measured = term.Roofline(heads, kvHeads, sequences[j], tokens[k]) * Math.Exp(residual);
                seconds[(j * tokens.Length) + k] = Math.Max(0.5 * measured, measured - launchSeconds);
            }
        }
    }

    /// <summary>Seconds for a number of sequences with so many cached tokens in all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double At(double count, double kvTokens)
    {
        double each = kvTokens / count;
        int j = Cell(sequences, count);
        int k = Cell(tokens, each);
        double u = (count - sequences[j]) / (sequences[j + 1] - sequences[j]);
        double v = (each - tokens[k]) / (tokens[k + 1] - tokens[k]);
        int row = j * tokens.Length;
        int next = row + tokens.Length;
        double below = seconds[row + k] + (v * (seconds[row + k + 1] - seconds[row + k]));
        double above = seconds[next + k] + (v * (seconds[next + k + 1] - seconds[next + k]));
        return below + (u * (above - below));
    }

    /// <summary>Cached tokens in all at which the slope changes next; infinity beyond the last knot.</summary>
    public double NextBend(double count, double kvTokens)
    {
        int k = Cell(tokens, kvTokens / count);
        return k + 2 >= tokens.Length ? double.PositiveInfinity : tokens[k + 1] * count;
    }

    /// <summary>How far a batch lies outside what was measured, in factors of two.</summary>
    public double OctavesOutside(double count, double kvTokens) =>
        Math.Max(0, Math.Log2(count / sequences[^1])) + Math.Max(0, Math.Log2(kvTokens / count / tokens[^1]));

    // The cell of two knots a value lies in; the first or last one beyond them, which carries its slope on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Cell(double[] knots, double at)
    {
        int low = 0;
        int high = knots.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) >> 1;
            if (knots[middle] <= at)
                low = middle;
            else
                high = middle;
        }

        return low;
    }
}
