using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;
using Tuner.Cli.Reporting;
using Tuner.Env.Evaluation.BreakingEven;

namespace Tuner.Cli.Commands.BreakEven;

/// <summary>Draws a surface of ratios as a map, with the line on which both ways take the same time.</summary>
internal static class SurfacePlot
{
    private const int Width = 900;
    private const int Height = 560;

    /// <summary>Factors of two the colours reach at least and at most, both ways alike: small gains stay pale, larger ones than a factor of three alike.</summary>
    private const double FewestOctaves = 0.4;
    private const double MostOctaves = 1.6;

    private static readonly Color Unfit = Color.FromHex("#9ca3af");
    private static readonly double[] Factors = [0.33, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4, 1.6, 2, 2.5, 3];

    public static Plot Draw(RatioSurface surface)
    {
        var plot = new Plot();
        int rows = surface.Y.Count;
        int columns = surface.X.Count;
        var octaves = new double[rows, columns];
        double reach = FewestOctaves;
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                octaves[y, x] = Math.Clamp(Math.Log2(surface.Ratio[y, x]), -MostOctaves, MostOctaves);
                if (!double.IsNaN(octaves[y, x]))
                    reach = Math.Max(reach, Math.Abs(octaves[y, x]));
            }
        }

        plot.DataBackground.Color = Unfit;
        Heatmap map = plot.Add.Heatmap(octaves);
        map.FlipVertically = true; // row 0 is the lowest
        map.Colormap = new ScottPlot.Colormaps.Balance().Reversed();
        map.ManualRange = new ScottPlot.Range(-reach, reach);
        map.Position = new CoordinateRect(AtX(surface.X[0]), AtX(surface.X[^1]), AtY(surface.Y[0]), AtY(surface.Y[^1]));
        map.NaNCellColor = Unfit;
        ScottPlot.Panels.ColorBar bar = plot.Add.ColorBar(map);
        bar.Label = "times as quick";
        bar.LabelStyle.FontSize = 14;
        bar.LabelStyle.Bold = false;
        double[] shown = [.. Factors.Where(factor => Math.Abs(Math.Log2(factor)) <= reach)];
        bar.Axis.TickGenerator = new NumericManual([.. shown.Select(Math.Log2)], [.. shown.Select(factor => factor.ToString("0.##", CultureInfo.InvariantCulture))]);

        foreach ((Coordinates[] line, int index) in EvenLines(surface, AtX, AtY).Select((line, index) => (line, index)))
        {
            Scatter even = plot.Add.ScatterLine(line, Colors.Black);
            even.LineWidth = 2.5f;
            if (index == 0)
                even.LegendText = "breaks even";
        }

        bool gaps = octaves.Cast<double>().Any(double.IsNaN);
        if (gaps)
        {
            Marker patch = plot.Add.Marker(double.NaN, double.NaN, MarkerShape.FilledSquare, 14, Unfit);
            patch.LegendText = surface.UnfitName;
        }

        plot.Axes.Bottom.TickGenerator = Powers(surface.X);
        if (surface.YIsLogarithmic)
            plot.Axes.Left.TickGenerator = Powers(surface.Y);
        plot.Axes.SetLimits(AtX(surface.X[0]), AtX(surface.X[^1]), AtY(surface.Y[0]), AtY(surface.Y[^1]));
        ReportPlots.Style(plot, surface.XName, surface.YName);
        plot.Title(surface.Title, 15);
        plot.Axes.Title.Label.Bold = false;
        if (plot.GetPlottables().Any(item => item.LegendItems.Any()))
            plot.ShowLegend(Alignment.UpperRight);
        return plot;

        static double AtX(double value) => Math.Log2(value);
        double AtY(double value) => surface.YIsLogarithmic ? Math.Log2(value) : value;
    }

    public static void SavePng(RatioSurface surface, string path)
    {
        using Plot plot = Draw(surface);
        plot.SavePng(path, Width, Height);
    }

    public static string Svg(RatioSurface surface)
    {
        using Plot plot = Draw(surface);
        return plot.GetSvgXml(Width, Height);
    }

    private static NumericManual Powers(IReadOnlyList<double> values)
    {
        double[] powers = [.. values.Where(value => Math.Abs(Math.Log2(value) - Math.Round(Math.Log2(value))) < 1e-9)];
        return new NumericManual([.. powers.Select(Math.Log2)], [.. powers.Select(value => value.ToString("N0", CultureInfo.InvariantCulture))]);
    }

    /// <summary>The pieces of the line at ratio 1, cell by cell (marching squares; Lorensen and Cline, 1987, in two dimensions).</summary>
    private static IEnumerable<Coordinates[]> EvenLines(RatioSurface surface, Func<double, double> atX, Func<double, double> atY)
    {
        for (int y = 0; y + 1 < surface.Y.Count; y++)
        {
            for (int x = 0; x + 1 < surface.X.Count; x++)
            {
                (int X, int Y)[] corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
                double[] height = [.. corners.Select(corner => Math.Log2(surface.Ratio[corner.Y, corner.X]))];
                if (height.Any(double.IsNaN))
                    continue;
                var crossings = new List<Coordinates>();
                for (int side = 0; side < 4; side++)
                {
                    int next = (side + 1) % 4;
                    if ((height[side] > 0) == (height[next] > 0))
                        continue;
                    double share = height[side] / (height[side] - height[next]);
                    crossings.Add(new Coordinates(
                        Between(atX(surface.X[corners[side].X]), atX(surface.X[corners[next].X]), share),
                        Between(atY(surface.Y[corners[side].Y]), atY(surface.Y[corners[next].Y]), share)));
                }

                for (int i = 0; i + 1 < crossings.Count; i += 2)
                    yield return [crossings[i], crossings[i + 1]];
            }
        }
    }

    private static double Between(double from, double to, double share) => from + (share * (to - from));
}
