using ScottPlot;
using ScottPlot.MultiplotLayouts;
using ScottPlot.TickGenerators;
using Tuner.Cli.Reporting;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Traffic;

/// <summary>Draws a trace: rate over time above, length distributions below.</summary>
internal static class TrafficPlot
{
    private const int Width = 1400;
    private const int Height = 900;
    private const int CurvePoints = 240;
    private const int BinsADoubling = 4;
    private const double SmoothedWindows = 8;

    private static readonly Color Rate = Color.FromHex("#2563EB");
    private static readonly Color Prompt = Color.FromHex("#059669");
    private static readonly Color Output = Color.FromHex("#D97706");
    private static readonly Color Ink = Color.FromHex("#1F2937");
    private static readonly Color Faint = Color.FromHex("#E5E7EB");

    public static bool CanSave(string path) => IsPng(path) || IsSvg(path);

    public static void Save(TrafficTrace trace, TrafficStatistics statistics, string path)
    {
        var page = new Multiplot();

        // Adds up to three in all: a new multiplot holds one already.
        page.AddPlots(3);
        var layout = new CustomGrid();
        layout.Set(page.GetPlot(0), new GridCell(0, 0, 2, 1));
        layout.Set(page.GetPlot(1), new GridCell(1, 0, 2, 2));
        layout.Set(page.GetPlot(2), new GridCell(1, 1, 2, 2));
        page.Layout = layout;
        DrawRate(page.GetPlot(0), trace);
        DrawLengths(page.GetPlot(1), "Prompt tokens", trace.PromptTokens, statistics.PromptTokens, Prompt);
        DrawLengths(page.GetPlot(2), "Output tokens", trace.OutputTokens, statistics.OutputTokens, Output);
        // Beside the target and then moved: a picture is whole or not there.
        string unfinished = Path.ChangeExtension(path, $".unfinished{Path.GetExtension(path)}");
        if (IsPng(path))
            page.SavePng(unfinished, Width, Height);
        else
            File.WriteAllText(unfinished, VectorPicture.Of(page, Width, Height));
        File.Move(unfinished, path, overwrite: true);
    }

    private static void DrawRate(Plot plot, TrafficTrace trace)
    {
        double window = Math.Max(1, trace.DurationSeconds / CurvePoints);
        double[] rates = Array.ConvertAll(RateWindows.Counts(trace, window), count => count / window);
        (double unit, string unitName) = trace.DurationSeconds switch
        {
            < 300 => (1.0, "seconds"),
            < 4 * 3600 => (60.0, "minutes"),
            < 4 * 86_400 => (3600.0, "hours"),
            _ => (86_400.0, "days"),
        };
        double[] times = [.. Enumerable.Range(0, rates.Length).Select(i => (i + 0.5) * window / unit)];
        if (rates.Length > 0)
        {
            var area = plot.Add.FillY(times, new double[rates.Length], rates);
            area.FillColor = Rate.WithAlpha(0.18);
            area.LineWidth = 0;
            var fine = plot.Add.ScatterLine(times, rates, Rate.WithAlpha(0.45));
            fine.LineWidth = 1;
            var smooth = plot.Add.ScatterLine(times, Smoothed(rates), Rate);
            smooth.LineWidth = 2.5f;
            var mean = plot.Add.HorizontalLine(trace.MeanRate, 1.5f, Ink.WithAlpha(0.6), LinePattern.Dashed);
            mean.LabelText = FormattableString.Invariant($"mean {trace.MeanRate:0.##}");
            mean.LabelOppositeAxis = true;
            mean.LabelBackgroundColor = Colors.Transparent;
            mean.LabelFontColor = Ink;
            mean.LabelBold = false;
            plot.Axes.SetLimits(0, trace.DurationSeconds / unit, 0, Math.Max(rates.Max(), 1e-9) * 1.08);
        }

        plot.Axes.Right.MinimumSize = 90;
        Style(plot, FormattableString.Invariant($"{trace.Name}: {trace.Count:N0} requests"), FormattableString.Invariant($"{unitName} (thin: windows of {window:0.#} s; thick: moving mean)"), "requests a second");
    }

    private static void DrawLengths(Plot plot, string title, ReadOnlySpan<int> tokens, LengthSummary lengths, Color colour)
    {
        LogBins bins = LogBins.Of(tokens, BinsADoubling);
        for (int i = 0; i < bins.Shares.Length; i++)
        {
            var bar = plot.Add.Rectangle(Math.Log10(bins.Edges[i]), Math.Log10(bins.Edges[i + 1]), 0, 100 * bins.Shares[i]);
            bar.FillColor = colour.WithAlpha(0.55);
            bar.LineColor = colour;
            bar.LineWidth = 1;
        }

        double top = 100 * bins.Shares.Max() * 1.18;
        double left = Math.Log10(bins.Edges[0]) - 0.05;
        double right = Math.Log10(bins.Edges[^1]) + 0.05;
        float row = 0;
        foreach ((string name, double value) in new[] { ("p50", lengths.P50), ("p90", lengths.P90), ("p99", lengths.P99) })
        {
            // Labels of neighbouring lines stand below one another; one at the right edge stands left of its line.
            bool atTheEdge = Math.Log10(value) > right - (0.08 * (right - left));
            double at = Math.Log10(value);
            plot.Add.VerticalLine(at, 1.5f, Ink.WithAlpha(0.6), LinePattern.Dashed);
            var label = plot.Add.Text(name, at, top);
            label.LabelFontSize = 14;
            label.LabelFontColor = Ink;
            label.LabelAlignment = atTheEdge ? Alignment.UpperRight : Alignment.UpperLeft;
            label.OffsetX = atTheEdge ? -3 : 3;
            label.OffsetY = 3 + (17 * row++);
        }

        plot.Axes.SetLimits(left, right, 0, top);
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic
        {
            IntegerTicksOnly = true,
            MinorTickGenerator = new LogMinorTickGenerator(),
            LabelFormatter = decade => Math.Pow(10, decade).ToString("N0", System.Globalization.CultureInfo.InvariantCulture),
        };
        Style(
            plot,
            FormattableString.Invariant($"{title}: median {lengths.P50:N0}, p90 {lengths.P90:N0}, p99 {lengths.P99:N0}"),
            "tokens (logarithmic)",
            "% of requests");
    }

    private static void Style(Plot plot, string title, string bottom, string left)
    {
        plot.Title(title, 18);
        plot.XLabel(bottom, 15);
        plot.YLabel(left, 15);
        plot.Axes.Title.Label.ForeColor = Ink;
        plot.Axes.Title.Label.Bold = true;
        foreach (IAxis axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.Label.Bold = false;
            axis.Label.ForeColor = Ink;
            axis.TickLabelStyle.ForeColor = Ink;
            axis.TickLabelStyle.FontSize = 13;
        }

        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Faint;
    }

    /// <summary>A centred moving mean, shorter at the ends.</summary>
    private static double[] Smoothed(double[] values)
    {
        int reach = (int)(SmoothedWindows / 2);
        return [.. values.Select((_, i) =>
        {
            int from = Math.Max(0, i - reach);
            int to = Math.Min(values.Length, i + reach + 1);
            return values[from..to].Average();
        })];
    }

    private static bool IsPng(string path) => path.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    private static bool IsSvg(string path) => path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase);
}
