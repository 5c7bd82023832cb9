using System.Globalization;
using ScottPlot;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>Time from left to right, in seconds, minutes or hours as the run's length asks, with a numbered mark where settings changed.</summary>
internal sealed class TimeAxis
{
    private const int LineCharacters = 140;
    private const int MostLines = 3;

    /// <summary>Marks nearer than this share of the axis get one number.</summary>
    private const double Together = 0.02;

    private readonly KnobSchedule schedule;
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
        Changes = Lines(run);
    }

    /// <summary>What the axis counts.</summary>
    public string Name { get; }

    /// <summary>What changed at each number, in lines; how many changes there were when that is too much to say.</summary>
    public IReadOnlyList<string> Changes { get; }

    /// <summary>Where an instant is on the axis.</summary>
    public double At(double seconds) => seconds / unit;

    /// <summary>Ends the axis where the run ended, and marks changes of settings.</summary>
    /// <param name="plot">The panel.</param>
    /// <param name="numbers">Whether to write the numbers, above the panel.</param>
    public void Apply(Plot plot, bool numbers)
    {
        plot.Axes.SetLimitsX(0, At(end));
        foreach (ScheduledChange change in schedule.Changes)
            plot.Add.VerticalLine(At(change.Seconds), 1.2f, QuestionPage.Ink.WithAlpha(0.6), LinePattern.Dotted);
        if (!numbers || schedule.Changes.Count == 0)
            return;
        (double[] at, string[] names) = Marks();
        plot.Axes.SetLimitsX(0, At(end), plot.Axes.Top);
        plot.Axes.Top.SetTicks(at, names);
        plot.Axes.Top.MajorTickStyle.Length = 0;
        plot.Axes.Top.TickLabelStyle.ForeColor = QuestionPage.Ink;
    }

    private (double[] At, string[] Names) Marks()
    {
        var at = new List<double>();
        var names = new List<string>();
        int first = 0;
        for (int i = 1; i <= schedule.Changes.Count; i++)
        {
            if (i < schedule.Changes.Count && schedule.Changes[i].Seconds - schedule.Changes[i - 1].Seconds < Together * end)
                continue;
            at.Add(At(schedule.Changes[first].Seconds));
            names.Add(i - first == 1 ? i.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first + 1}–{i}"));
            first = i;
        }

        return ([.. at], [.. names]);
    }

    private static List<string> Lines(WatchedRun run)
    {
        var lines = new List<string>();
        string line = "";
        IReadOnlyDictionary<string, string> before = KnobText.Pairs(run.Scenario.Knobs, run.Schedule.Start);
        for (int i = 0; i < run.Schedule.Changes.Count; i++)
        {
            IReadOnlyDictionary<string, string> after = KnobText.Pairs(run.Scenario.Knobs, run.Schedule.Changes[i].Settings);
            string change = $"{i + 1}: {string.Join(", ", after.Where(pair => before[pair.Key] != pair.Value).Select(pair => $"{pair.Key} {pair.Value}"))}";
            before = after;
            if (line.Length + change.Length > LineCharacters)
            {
                lines.Add(line);
                line = "";
            }

            line = line.Length == 0 ? change : $"{line}    {change}";
        }

        lines.Add(line);
        return lines.Count > MostLines ? [$"{run.Schedule.Changes.Count} changes of settings (dotted)"] : lines;
    }
}
