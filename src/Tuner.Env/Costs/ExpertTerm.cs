namespace Tuner.Env.Costs;

/// <summary>How long the routed experts of a layer take in one precision.</summary>
/// <param name="Precision">Number format of the experts.</param>
/// <param name="Provenance">What the times rest on.</param>
/// <param name="Roofline">The fitted roofline, which also carries beyond what was measured.</param>
/// <param name="Layouts">The layouts measured: the first axis of <paramref name="Residuals"/> holds their indices.</param>
/// <param name="Residuals">
/// What measurements add: layout × skew of the routing in hundredths (0 is balanced) × tokens. Null where only the roofline is known.
/// </param>
/// <param name="Spread">Eightieth percentile of |log(predicted / measured)| where a call of a measured layout is left out.</param>
/// <param name="UnseenSpread">The same where every call of a model's shape is left out and predicted from other models.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record ExpertTerm(
    KernelPrecision Precision,
    Provenance Provenance,
    ExpertFit Roofline,
    IReadOnlyList<ExpertLayout> Layouts,
    ResidualGrid? Residuals,
    double Spread,
    double UnseenSpread,
    string Source)
{
    /// <summary>Layouts a shape that was not measured leans on.</summary>
    private const int Neighbours = 8;

    /// <summary>The roofline of products, for formats whose experts nobody measured: two calls, one pass of the activations.</summary>
    public static ExpertTerm FromProducts(GemmTerm products, double spread) =>
        new(
            products.Precision,
            Provenance.Analytic,
            new ExpertFit(products.Roofline.FlopsPerSecond, products.Roofline.BytesPerSecond, 2 * products.Roofline.OverheadSeconds, 1, products.Roofline.BytesPerWeight),
            [],
            null,
            spread,
            spread,
            products.Source);

    /// <summary>The measured layouts a shape leans on and their shares: itself where it was measured, else the nearest ones by inverse square distance (Shepard, 1968).</summary>
    /// <param name="layout">The shape.</param>
    /// <param name="usable">Which layouts may be used; null for all.</param>
    public IReadOnlyList<(int Index, double Share)> Nearest(ExpertLayout layout, Func<int, bool>? usable = null)
    {
        (int Index, double Octaves)[] near =
        [
            .. Enumerable.Range(0, Layouts.Count).Where(index => usable?.Invoke(index) ?? true)
                .Select(index => (index, layout.OctavesTo(Layouts[index]))).OrderBy(pair => pair.Item2).Take(Neighbours),
        ];
        if (near.Length == 0 || near[0].Octaves == 0)
            return near.Length == 0 ? [] : [(near[0].Index, 1)];
        double total = near.Sum(pair => 1 / (pair.Octaves * pair.Octaves));
        return [.. near.Select(pair => (pair.Index, 1 / (pair.Octaves * pair.Octaves * total)))];
    }

    /// <summary>What measurements of some layouts add to the roofline, log; linear in the logarithm of the tokens, the nearest measured skew.</summary>
    public double Residual(IReadOnlyList<(int Index, double Share)> near, double rows, double skew)
    {
        if (Residuals is not { } grid)
            return 0;
        double sum = 0;
        double shares = 0;
        int nearest = Enumerable.Range(0, grid.Y.Count).MinBy(index => Math.Abs(grid.Y[index] - (100 * skew)));
        foreach ((int layout, double share) in near)
        {
            double value = AlongTokens(grid, layout, nearest, rows);
            if (double.IsNaN(value))
                continue;
            sum += share * value;
            shares += share;
        }

        return shares > 0 ? sum / shares : 0;
    }

    private static double AlongTokens(ResidualGrid grid, int layout, int skew, double rows)
    {
        int below = -1;
        int above = -1;
        for (int k = 0; k < grid.Z.Count && above < 0; k++)
        {
            if (double.IsNaN(grid[layout, skew, k]))
                continue;
            if (grid.Z[k] <= rows)
                below = k;
            else
                above = k;
        }

        if (below < 0 || above < 0)
            return below < 0 && above < 0 ? double.NaN : grid[layout, skew, Math.Max(below, above)];
        double share = Math.Log(rows / grid.Z[below]) / Math.Log((double)grid.Z[above] / grid.Z[below]);
        return grid[layout, skew, below] + (share * (grid[layout, skew, above] - grid[layout, skew, below]));
    }
}
