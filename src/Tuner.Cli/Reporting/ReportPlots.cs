using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;
using Tuner.Agent.Training;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Reporting;

/// <summary>The pictures of a report, as SVG.</summary>
internal static class ReportPlots
{
    internal const int Width = 980;

    /// <summary>Room for the left labels, the same in pictures that share a time axis.</summary>
    private const float LeftMargin = 70;

    internal static readonly Color Ink = Color.FromHex("#1f2937");
    private static readonly Color Promise = Color.FromHex("#b91c1c");

    /// <summary>Promises kept by each policy, with the interval as it is: it need not be symmetric.</summary>
    public static string Attainment(IReadOnlyList<EvaluationRow> rows, Scenario scenario)
    {
        using var plot = new Plot();
        double lowest = 100 * scenario.AttainmentTarget;
        for (int i = 0; i < rows.Count; i++)
        {
            EvaluationRow row = rows[i];
            double y = rows.Count - 1 - i;
            Color colour = PolicyColours.Of(row.Policy);
            LinePlot interval = plot.Add.Line(100 * row.AttainmentInterval.Low, y, 100 * row.AttainmentInterval.High, y);
            interval.Color = colour;
            interval.LineWidth = 3;
            plot.Add.Marker(100 * row.SloAttainment, y, MarkerShape.FilledCircle, 12, colour);
            Text value = plot.Add.Text(FormattableString.Invariant($"{100 * row.SloAttainment:0.0}"), 100 * row.SloAttainment, y);
            value.LabelAlignment = Alignment.LowerCenter;
            value.LabelFontColor = Ink;
            value.OffsetY = -8;
            lowest = Math.Min(lowest, 100 * row.AttainmentInterval.Low);
        }

        plot.Add.VerticalLine(100 * scenario.AttainmentTarget, 1, Promise, LinePattern.Dashed);
        plot.Axes.Left.SetTicks([.. rows.Select((_, i) => (double)(rows.Count - 1 - i))], [.. rows.Select(row => row.Policy)]);
        plot.Axes.SetLimits(Math.Floor((lowest - 1) / 5) * 5, 101, -0.6, rows.Count - 0.3);
        Style(plot, FormattableString.Invariant($"% of requests that met both promises (bar: 95 % interval; dashed: the target of {100 * scenario.AttainmentTarget:0} %)"), "");
        return plot.GetSvgXml(Width, 90 + (38 * rows.Count));
    }

    /// <summary>The load every policy was given.</summary>
    public static string Arrivals(EvaluationRow row)
    {
        using var plot = new Plot();
        double[] ends = WindowEnds(row);
        double[] rates = [.. row.Run.Windows.Select(window => window.Arrived / window.Seconds)];
        FillY area = plot.Add.FillY(ends, new double[ends.Length], rates);
        area.FillColor = Ink.WithAlpha(0.25);
        area.LineWidth = 0;
        plot.Axes.SetLimits(0, ends[^1], 0, 1.08 * Math.Max(1e-9, rates.Max()));
        Style(plot, "minutes", "requests / s");
        plot.Axes.Left.MinimumSize = LeftMargin;
        return plot.GetSvgXml(Width, 170);
    }

    /// <summary>The queue each policy left.</summary>
    public static string Waiting(IReadOnlyList<EvaluationRow> rows)
    {
        using var plot = new Plot();
        double longest = 0;
        foreach (EvaluationRow row in TunerFirst(rows))
        {
            Line(plot, row.Policy, WindowEnds(row), [.. row.Run.Windows.Select(window => (double)window.Waiting)]);
            longest = Math.Max(longest, row.Run.Windows.Max(window => window.Waiting));
        }

        // The same span as the arrivals above: what drains after the last arrival is cut off in both.
        plot.Axes.SetLimits(0, WindowEnds(rows[0])[^1], -0.02 * longest, Math.Max(1, 1.08 * longest));
        Style(plot, "minutes", "requests waiting");
        plot.Axes.Left.MinimumSize = LeftMargin;
        Legend(plot);
        return plot.GetSvgXml(Width, 330);
    }

    /// <summary>Time to first token against the promise to each request, which grows with its prompt.</summary>
    public static string TimeToFirstToken(IReadOnlyList<EvaluationRow> rows, Scenario scenario)
        => Distribution(
            rows,
            "time to first token over the promise to that prompt (logarithmic; dashed: just kept)",
            "{0:0.###} ×",
            _ => true,
            outcome => outcome.TtftSeconds / scenario.Objective.TtftFor(outcome.PromptTokens),
            1);

    /// <summary>Time per output token, which is promised alike to all.</summary>
    public static string TimePerOutputToken(IReadOnlyList<EvaluationRow> rows, Scenario scenario)
        => Distribution(
            rows,
            "mean time per output token, ms (logarithmic; dashed: the promise)",
            "{0:0.###}",
            outcome => outcome.OutputTokens > 1,
            outcome => 1000 * outcome.TpotSeconds,
            1000 * scenario.Objective.TpotSeconds);

    /// <summary>How training went.</summary>
    public static string Learning(IReadOnlyList<TrainingProgress> history)
    {
        using var plot = new Plot();
        TrainingProgress[] known = [.. history.Where(row => row.MeanReturn is not null)];
        Line(plot, "tuner", [.. known.Select(row => (double)row.Steps)], [.. known.Select(row => row.MeanReturn!.Value)]);
        plot.HideLegend();
        Style(plot, "decision windows", "mean return of an episode");
        plot.Axes.SetLimitsX(0, known.Length == 0 ? 1 : known[^1].Steps);
        return plot.GetSvgXml(Width, 280);
    }

    private static string Distribution(IReadOnlyList<EvaluationRow> rows, string label, string tick, Func<RequestOutcome, bool> counts, Func<RequestOutcome, double> value, double promise)
    {
        const int Points = 200;
        using var plot = new Plot();
        double low = promise;
        double high = promise;
        foreach (EvaluationRow row in TunerFirst(rows))
        {
            double[] sorted = [.. row.Run.Outcomes.Where(outcome => outcome.Completed && counts(outcome)).Select(outcome => Math.Max(1e-4, value(outcome))).Order()];
            if (sorted.Length == 0)
                continue;
            double[] x = [.. Enumerable.Range(0, Points).Select(i => Math.Log10(sorted[(int)((sorted.Length - 1L) * i / (Points - 1))]))];
            Line(plot, row.Policy, x, [.. Enumerable.Range(0, Points).Select(i => 100 * i / (Points - 1.0))]);
            low = Math.Min(low, sorted[0]);
            high = Math.Max(high, sorted[^1]);
        }

        plot.Add.VerticalLine(Math.Log10(promise), 1.5f, Promise, LinePattern.Dashed);
        double[] ticks = [.. Enumerable.Range(-4, 12).SelectMany(decade => new[] { 1.0, 2, 5 }.Select(digit => digit * Math.Pow(10, decade))).Where(at => at >= low && at <= high)];
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. ticks.Select(Math.Log10)], [.. ticks.Select(at => string.Format(CultureInfo.InvariantCulture, tick, at))]);
        plot.Axes.SetLimits(Math.Log10(low) - 0.03, Math.Log10(high) + 0.03, -2, 103);
        Style(plot, label, "% of completed requests");
        Legend(plot);
        return plot.GetSvgXml(Width, 350);
    }

    /// <summary>The trained policy is drawn first and wide, so that a rival that did the same shows inside its line.</summary>
    private static IEnumerable<EvaluationRow> TunerFirst(IReadOnlyList<EvaluationRow> rows) => rows.OrderBy(row => row.Policy == "tuner" ? 0 : 1);

    private static void Line(Plot plot, string policy, double[] x, double[] y)
    {
        Scatter line = plot.Add.ScatterLine(x, y, PolicyColours.Of(policy));
        line.LegendText = policy;
        line.LineWidth = policy == "tuner" ? 4 : 1.5f;
    }

    private static void Legend(Plot plot)
    {
        plot.ShowLegend(Edge.Top);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.TightHorizontalWrapping = true;
        plot.Legend.InterItemPadding = new PixelPadding(12, 12, 2, 2);
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
    }

    internal static void Style(Plot plot, string bottom, string left)
    {
        plot.XLabel(bottom, 14);
        plot.YLabel(left, 14);
        foreach (IAxis axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.Label.Bold = false;
            axis.Label.ForeColor = Ink;
            axis.TickLabelStyle.ForeColor = Ink;
        }

        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
    }

    /// <summary>When each window ended, minutes.</summary>
    internal static double[] WindowEnds(EvaluationRow row)
    {
        double now = 0;
        return [.. row.Run.Windows.Select(window => (now += window.Seconds) / 60)];
    }
}
