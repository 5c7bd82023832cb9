using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>Time from left to right, in seconds, minutes or hours as the run's length asks, with a mark where settings changed.</summary>
internal sealed class TimeAxis
{
    private const int MostLabels = 6;

    private readonly KnobSchedule schedule;
    private readonly IReadOnlyList<string> labels;
    private readonly double unit;
    private readonly double end;

    /// <param name="run">The run.</param>
    public TimeAxis(WatchedRun run)
    {
        schedule = run.Schedule;
        end = Math.Max(1, run.Result.Windows.Sum(window => window.Seconds));
        (unit, Name) = end switch
        {
            < 300 => (1.0, "seconds"),
            < 4 * 3600 => (60.0, "minutes"),
            _ => (3600.0, "hours"),
        };
        labels = Labels(run);
    }

    /// <summary>What the axis counts.</summary>
    public string Name { get; }

    /// <summary>Where an instant is on the axis.</summary>
    public double At(double seconds) => seconds / unit;

    /// <summary>Ends the axis where the run ended, and marks changes of settings: with words on the panel that has room for them.</summary>
    public void Apply(Plot plot, bool words)
    {
        plot.Axes.SetLimitsX(0, At(end));
        AxisLimits limits = plot.Axes.GetLimits();
        for (int i = 0; i < schedule.Changes.Count; i++)
        {
            double at = At(schedule.Changes[i].Seconds);
            plot.Add.VerticalLine(at, 1.2f, QuestionPage.Ink.WithAlpha(0.55), LinePattern.Dotted);
            if (!words || schedule.Changes.Count > MostLabels)
                continue;

            // Beside its line, on the side where there is more room.
            bool late = schedule.Changes[i].Seconds > 0.6 * end;
            Text label = plot.Add.Text(labels[i], at, limits.Top);
            label.LabelAlignment = late ? Alignment.UpperRight : Alignment.UpperLeft;
            label.OffsetX = late ? -4 : 4;
            label.OffsetY = 3 + (16 * (i % 3));
            label.LabelFontSize = 12;
            label.LabelFontColor = QuestionPage.Ink;
            label.LabelBackgroundColor = Colors.White.WithAlpha(0.75);
        }
    }

    private static string[] Labels(WatchedRun run)
    {
        var labels = new string[run.Schedule.Changes.Count];
        IReadOnlyDictionary<string, string> before = KnobText.Pairs(run.Scenario.Knobs, run.Schedule.Start);
        for (int i = 0; i < labels.Length; i++)
        {
            IReadOnlyDictionary<string, string> after = KnobText.Pairs(run.Scenario.Knobs, run.Schedule.Changes[i].Settings);
            labels[i] = string.Join(", ", after.Where(pair => before[pair.Key] != pair.Value).Select(pair => $"{pair.Key} {pair.Value}"));
            before = after;
        }

        return labels;
    }
}
