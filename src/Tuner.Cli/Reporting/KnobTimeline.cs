using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Reporting;

/// <summary>What a policy turned and when: one lane a knob.</summary>
internal static class KnobTimeline
{
    /// <summary>Draws the lanes, their values from bottom to top written at the right; a knob that has no value for a while has no line.</summary>
    public static string Draw(Scenario scenario, EvaluationRow row)
    {
        using var plot = new Plot();
        KnobSpace space = scenario.Knobs;
        (string Knob, Func<KnobSettings, double> Rank)[] lanes =
        [
            ("kv-prefetch", settings => settings.KvPrefetch ? 1 : 0),
            ("draft", settings => settings.Speculation ? settings.DraftLevel : double.NaN),
            ("speculation", settings => settings.Speculation ? 1 : 0),
            ("kv-compression", settings => settings.KvCompression ? 1 : 0),
            ("batch-wait", settings => settings.BatchWaitLevel),
            ("max-batch", settings => settings.MaxBatchLevel),
            ("precision", settings => (int)settings.Precision),
            ("parallelism", settings => (int)settings.Parallelism),
        ];
        double[] ends = ReportPlots.WindowEnds(row);
        IReadOnlyList<KnobSettings> all = row.Run.Settings;
        var values = new List<(double Y, string Name)>();
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            plot.Add.HorizontalLine(lane, 1, ReportPlots.Ink.WithAlpha(0.12));
            (string knob, Func<KnobSettings, double> rank) = lanes[lane];

            // The lane is scaled to the values that occur, so that one rung of a long ladder can be seen.
            (double Rank, string Name)[] used = [.. all.Select(settings => (Rank: rank(settings), Name: KnobText.Pairs(space, settings).GetValueOrDefault(knob, "")))
                .Where(value => double.IsFinite(value.Rank)).Distinct().OrderBy(value => value.Rank)];
            double Height(double of) => lane + (used.Length < 2 ? 0.5 : 0.2 + (0.6 * Array.FindIndex(used, value => value.Rank == of) / (used.Length - 1)));
            for (int i = 0; i < used.Length; i++)
            {
                if (used.Length <= 3 || i == 0 || i == used.Length - 1)
                    values.Add((Height(used[i].Rank), used[i].Name));
            }

            Steps(plot, PolicyColours.Of(row.Policy), ends, [.. all.Select(settings => rank(settings) is var at && double.IsFinite(at) ? Height(at) : double.NaN)]);
        }

        plot.Axes.Left.SetTicks([.. lanes.Select((_, i) => i + 0.5)], [.. lanes.Select(lane => lane.Knob == "batch-wait" ? "batch-wait, s" : lane.Knob)]);
        plot.Axes.Right.SetTicks([.. values.Select(value => value.Y)], [.. values.Select(value => value.Name)]);
        plot.Axes.Right.TickLabelStyle.ForeColor = ReportPlots.Ink;
        plot.Axes.SetLimits(0, ends[^1], 0, lanes.Length);
        plot.Axes.SetLimitsY(0, lanes.Length, plot.Axes.Right);
        ReportPlots.Style(plot, row.Switches == 0 ? "minutes (nothing was changed)" : FormattableString.Invariant($"minutes ({row.Switches} changes)"), "");
        plot.HideGrid();
        return plot.GetSvgXml(ReportPlots.Width, 460);
    }

    private static void Steps(Plot plot, Color colour, double[] ends, double[] heights)
    {
        int from = 0;
        for (int i = 1; i <= heights.Length; i++)
        {
            if (i < heights.Length && heights[i].Equals(heights[from]))
                continue;
            double start = from == 0 ? 0 : ends[from - 1];
            Segment(start, heights[from], ends[i - 1], heights[from], 3);
            if (i < heights.Length)
                Segment(ends[i - 1], heights[from], ends[i - 1], heights[i], 1);
            from = i;
        }

        void Segment(double x1, double y1, double x2, double y2, float width)
        {
            if (double.IsNaN(y1) || double.IsNaN(y2))
                return;
            LinePlot line = plot.Add.Line(x1, y1, x2, y2);
            line.Color = colour;
            line.LineWidth = width;
        }
    }
}
