using System.Globalization;
using ScottPlot;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>Time from left to right, in seconds, minutes or hours as the run's length asks, with a mark where settings changed.</summary>
internal sealed class TimeAxis
{
    private const int MostNumbers = 24;
    private const int MostCharacters = 150;

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

    /// <summary>What changed at each number; empty when nothing did, or too much for a line.</summary>
    public string Changes
    {
        get
        {
            string text = string.Join("    ", labels.Select((label, i) => $"{i + 1}: {label}"));
            return text.Length > MostCharacters ? "" : text;
        }
    }

    /// <summary>Ends the axis where the run ended, and marks changes of settings by number.</summary>
    /// <param name="plot">The panel.</param>
    /// <param name="numbers">Whether to write the numbers, above the panel.</param>
    public void Apply(Plot plot, bool numbers)
    {
        plot.Axes.SetLimitsX(0, At(end));
        double[] changes = [.. schedule.Changes.Select(change => At(change.Seconds))];
        foreach (double change in changes)
            plot.Add.VerticalLine(change, 1.2f, QuestionPage.Ink.WithAlpha(0.6), LinePattern.Dotted);
        if (!numbers || changes.Length is 0 or > MostNumbers)
            return;
        plot.Axes.SetLimitsX(0, At(end), plot.Axes.Top);
        plot.Axes.Top.SetTicks(changes, [.. changes.Select((_, i) => (i + 1).ToString(CultureInfo.InvariantCulture))]);
        plot.Axes.Top.MajorTickStyle.Length = 0;
        plot.Axes.Top.TickLabelStyle.ForeColor = QuestionPage.Ink;
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
