namespace Tuner.Env.Costs;

/// <summary>The routed experts of one layer on the busiest GPU.</summary>
internal sealed class ExpertCost
{
    private readonly ExpertTerm term;
    private readonly ExpertLayout layout;
    private readonly double skew;
    private readonly IReadOnlyList<(int Index, double Share)> near;

    /// <param name="term">Experts of their precision.</param>
    /// <param name="layout">Their shape on one GPU.</param>
    /// <param name="skew">Skew of the routing; 0 is balanced.</param>
    public ExpertCost(ExpertTerm term, ExpertLayout layout, double skew)
    {
        this.term = term;
        this.layout = layout;
        this.skew = skew;
        near = term.Nearest(layout);
    }

    /// <summary>Arithmetic seconds a token of the group, were it spread evenly.</summary>
    public double SecondsPerRow => 6.0 * layout.Hidden * layout.Width * layout.Active / layout.Ranks / term.Roofline.FlopsPerSecond;

    /// <summary>Seconds for a number of tokens, those of the whole expert-parallel group.</summary>
    public double Seconds(double rows) =>
        term.Roofline.Seconds(layout, RoutedLoad.Of(rows, layout, skew)) * Math.Exp(term.Residual(near, rows, skew));

    /// <summary>Bytes moved for a number of tokens of the whole group.</summary>
    public double Bytes(double rows) => term.Roofline.Bytes(layout, RoutedLoad.Of(rows, layout, skew));

    /// <summary>Its part of a step.</summary>
    public CostTerm Explain(double rows, double seconds)
    {
        bool measured = near is [{ Share: 1 }];
        double outside = term.Residuals is not { } grid
            ? 0
            : ResidualGrid.OctavesOutside(grid.Z, rows) + (measured ? 0 : layout.OctavesTo(term.Layouts[near[0].Index]));

        // Bands widen with the distance; that of a shape not measured ends up at least as wide as leaving whole models out has shown.
        return new CostTerm("experts", seconds, term.Provenance, measured ? term.Spread : Math.Max(term.Spread, term.UnseenSpread / (1 + outside)), outside);
    }
}
