using System.Runtime.CompilerServices;

namespace Tuner.Env.Costs;

/// <summary>The time of one projection y[rows, outputs] = x[rows, inputs] · w[inputs, outputs] at the rows a term was measured at.</summary>
internal sealed class GemmCurve(GemmTerm term, double inputs, double outputs)
{
    /// <summary>Arithmetic seconds a row.</summary>
    public double SecondsPerRow { get; } = term.Roofline.ArithmeticSeconds(1, outputs, inputs);

    /// <summary>Bytes of the weights.</summary>
    public double WeightBytes { get; } = inputs * outputs * term.Roofline.BytesPerWeight;

    /// <summary>Bytes of 16-bit activations a row reads and writes.</summary>
    public double BytesPerRow { get; } = 2 * (inputs + outputs);

    /// <summary>Seconds for a number of rows: the roofline times what measurements add at the nearest nodes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double At(int rows)
    {
        double roofline = term.Roofline.Seconds(rows, outputs, inputs);
        if (term.Residuals is not { } grid)
            return roofline;

        // Between measured rows of the same family; ragged and full-width rows differ by up to a factor of two.
        bool aligned = GemmTerm.IsAligned(rows);
        int below = -1;
        int above = -1;
        for (int k = 0; k < grid.Z.Count; k++)
        {
            if (GemmTerm.IsAligned(grid.Z[k]) != aligned)
                continue;
            if (grid.Z[k] <= rows)
                below = k;
            else if (above < 0)
                above = k;
        }

        double low = below < 0 ? double.NaN : grid.Between(outputs, inputs, below);
        double high = above < 0 ? double.NaN : grid.Between(outputs, inputs, above);
        double residual;
        if (double.IsNaN(low) || double.IsNaN(high))
            residual = double.IsNaN(low) ? (double.IsNaN(high) ? 0 : high) : low;
        else
            residual = low + (Math.Log((double)rows / grid.Z[below]) / Math.Log((double)grid.Z[above] / grid.Z[below]) * (high - low));
        return roofline * Math.Exp(residual);
    }
}
