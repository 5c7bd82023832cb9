using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration;

/// <summary>Fits the routed experts of one precision: a roofline over what routing touches, and for each measured layout what measurements add.</summary>
internal static class ExpertSurface
{
    private const int FewestSamples = 200;

    /// <summary>One model measured says nothing about others: a band of a third is an estimate.</summary>
    private const double OneModelSpread = 0.33;

    /// <summary>Fits one precision.</summary>
    /// <param name="samples">Measurements of every precision.</param>
    /// <param name="precision">The precision fitted.</param>
    /// <param name="bytesPerWeight">Bytes a weight takes, block scales included.</param>
    /// <param name="source">Where the measurements come from.</param>
    /// <param name="label">What the errors are listed under.</param>
    /// <param name="leftOut">Receives the label and the errors of calls left out, as log(predicted / measured).</param>
    /// <returns>The term and two errors: a call left out, and a whole model left out. Null when too little was measured.</returns>
    public static (ExpertTerm Term, IReadOnlyList<FitError> Errors)? Fit(IEnumerable<ExpertSample> samples, KernelPrecision precision, double bytesPerWeight, string source, string label, Action<string, double[]>? leftOut = null)
    {
        ExpertSample[] used = [.. samples.Where(sample => sample.Precision == precision)];

        // Of two skewed routings the tables hold, a tenth apart in time at most, the milder is kept where both were measured.
        double mildest = used.Where(sample => sample.Skew > 0).Select(sample => sample.Skew).DefaultIfEmpty().Min();
        used = [.. used.Where(sample => sample.Skew <= mildest)];
        if (used.Length < FewestSamples)
            return null;
        ExpertFit roofline = RooflineFit.Experts(used, bytesPerWeight);
        ExpertLayout[] layouts =
        [
            .. used.Select(sample => sample.Layout).Distinct()
                .OrderBy(layout => layout.Hidden).ThenBy(layout => layout.Experts).ThenBy(layout => layout.Active).ThenBy(layout => layout.Ranks).ThenBy(layout => layout.Width),
        ];
        Dictionary<ExpertLayout, int> indexOf = Enumerable.Range(0, layouts.Length).ToDictionary(i => layouts[i]);
        int[] skews = [.. used.Select(Hundredths).Distinct().Order()];
        int[] rows = [.. used.Select(sample => sample.Rows).Distinct().Order()];
        var values = new double[layouts.Length * skews.Length * rows.Length];
        Array.Fill(values, double.NaN);
        foreach (ExpertSample sample in used)
        {
            int at = (((indexOf[sample.Layout] * skews.Length) + Array.BinarySearch(skews, Hundredths(sample))) * rows.Length) + Array.BinarySearch(rows, sample.Rows);
            values[at] = Math.Log(sample.Seconds / roofline.Seconds(sample.Layout, RoutedLoad.Of(sample.Rows, sample.Layout, sample.Skew)));
        }

        var grid = new ResidualGrid([.. Enumerable.Range(0, layouts.Length)], skews, rows, values);
        var term = new ExpertTerm(precision, Provenance.Published, roofline, layouts, grid, 0, 0, source);
        double[] call = CallsLeftOut(grid, layouts, indexOf);
        leftOut?.Invoke(label, call);
        double[] model = ModelsLeftOut(term, grid, used);
        FitError error = SurfaceErrors.Summarise(label, call, "every call left out in turn, predicted from other token counts and shards");
        double spread = SurfaceErrors.Spread(call);
        if (model.Length == 0)
            return (term with { Spread = spread, UnseenSpread = OneModelSpread }, [error]);
        return (term with { Spread = spread, UnseenSpread = SurfaceErrors.Spread(model) }, [error, SurfaceErrors.Summarise($"{label}, other models", model, "every model's shape left out in turn, predicted from the others")]);
    }

    private static int Hundredths(ExpertSample sample) => (int)Math.Round(100 * sample.Skew);

    // From the token counts beside it, from wider and narrower shards, and from more and fewer ranks.
    private static double[] CallsLeftOut(ResidualGrid grid, ExpertLayout[] layouts, Dictionary<ExpertLayout, int> indexOf)
    {
        var values = new List<double>();
        var guesses = new List<double[]>();
        for (int i = 0; i < layouts.Length; i++)
        {
            ExpertLayout layout = layouts[i];
            int[] widths = [.. indexOf.Keys.Where(other => other with { Width = layout.Width } == layout).OrderBy(other => other.Width).Select(other => indexOf[other])];
            int[] ranks = [.. indexOf.Keys.Where(other => other with { Ranks = layout.Ranks } == layout).OrderBy(other => other.Ranks).Select(other => indexOf[other])];
            for (int j = 0; j < grid.Y.Count; j++)
            {
                for (int k = 0; k < grid.Z.Count; k++)
                {
                    if (double.IsNaN(grid[i, j, k]))
                        continue;
                    (int a, int b, int c) = (i, j, k);
                    values.Add(grid[i, j, k]);
                    guesses.Add(
                    [
                        AxisInterpolation.Around(grid.Z, k, index => grid[a, b, index]),
                        AxisInterpolation.Around([.. widths.Select(index => layouts[index].Width)], Array.IndexOf(widths, i), index => grid[widths[index], b, c]),
                        AxisInterpolation.Around([.. ranks.Select(index => layouts[index].Ranks)], Array.IndexOf(ranks, i), index => grid[ranks[index], b, c]),
                    ]);
                }
            }
        }

        double[] measured = [.. values];
        return [.. NeighbourVote.Predict(measured, [.. guesses]).Zip(measured, (guess, truth) => guess - truth).Where(error => !double.IsNaN(error))];
    }

    private static double[] ModelsLeftOut(ExpertTerm term, ResidualGrid grid, ExpertSample[] samples)
    {
        var modelOf = samples.GroupBy(sample => sample.Layout).ToDictionary(group => group.Key, group => Shape(group.First()));
        (int, int, int, int)[] shapes = [.. term.Layouts.Select(layout => modelOf[layout])];
        var errors = new List<double>(samples.Length);
        for (int i = 0; i < term.Layouts.Count; i++)
        {
            int self = i;
            IReadOnlyList<(int Index, double Share)> near = term.Nearest(term.Layouts[i], index => shapes[index] != shapes[self]);
            for (int j = 0; near.Count > 0 && j < grid.Y.Count; j++)
            {
                for (int k = 0; k < grid.Z.Count; k++)
                {
                    if (!double.IsNaN(grid[i, j, k]))
                        errors.Add(term.Residual(near, grid.Z[k], grid.Y[j] / 100.0) - grid[i, j, k]);
                }
            }
        }

        return [.. errors];

        static (int, int, int, int) Shape(ExpertSample sample) => (sample.Layout.Hidden, sample.Intermediate, sample.Layout.Active, sample.Layout.Experts);
    }
}
