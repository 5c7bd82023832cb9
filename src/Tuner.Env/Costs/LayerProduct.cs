namespace Tuner.Env.Costs;

/// <summary>One projection of a model: its shape, and its time over rows.</summary>
internal sealed class LayerProduct
{
    private readonly string name;
    private readonly GemmTerm term;
    private readonly double inputs;
    private readonly double outputs;

    /// <param name="name">What it is called in a breakdown.</param>
    /// <param name="term">Products of its precision.</param>
    /// <param name="inputs">Length of the dot products.</param>
    /// <param name="outputs">Columns of the result.</param>
    /// <param name="knots">Rows to sample at.</param>
    /// <param name="launchSeconds">What a captured graph saves of a call of few rows, down to half of it.</param>
    /// <param name="share">Share of the layers that have it.</param>
    public LayerProduct(string name, GemmTerm term, double inputs, double outputs, IReadOnlyList<int> knots, double launchSeconds, double share)
    {
        Share = share;
        this.name = name;
        this.term = term;
        this.inputs = inputs;
        this.outputs = outputs;
        var product = new GemmCurve(term, inputs, outputs);
        SecondsPerRow = share * product.SecondsPerRow;
        WeightBytes = share * product.WeightBytes;
        BytesPerRow = share * product.BytesPerRow;
        Curve = new RowCurve(knots, rows =>
        {
            double measured = product.At(rows);
            return rows > RowCurve.LargestCaptured ? measured : Math.Max(0.5 * measured, measured - launchSeconds);
        });
    }

    /// <summary>Share of the layers that have it.</summary>
    public double Share { get; }

    /// <summary>Seconds over rows, in one layer that has it.</summary>
    public RowCurve Curve { get; }

    /// <summary>Arithmetic seconds a row, mean over all layers.</summary>
    public double SecondsPerRow { get; }

    /// <summary>Bytes of the weights, mean over all layers.</summary>
    public double WeightBytes { get; }

    /// <summary>Bytes of 16-bit activations a row reads and writes, mean over all layers.</summary>
    public double BytesPerRow { get; }

    /// <summary>Its part of a step.</summary>
    public CostTerm Explain(double rows, double layers)
    {
        double outside = term.Residuals is not { } grid
            ? 0
            : ResidualGrid.OctavesOutside(grid.X, outputs) + ResidualGrid.OctavesOutside(grid.Y, inputs) + ResidualGrid.OctavesOutside(grid.Z, rows);
        return new CostTerm(name, layers * Share * Curve.At(rows), term.Provenance, term.Spread, outside);
    }
}
