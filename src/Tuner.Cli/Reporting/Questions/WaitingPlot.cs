using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Env.Measurement;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>Requests in queues above, requests in batches below.</summary>
internal static class WaitingPlot
{
    public static QuestionPage Draw(WatchedRun run)
    {
        RequestOutcome[] served = [.. run.Result.Outcomes.Where(outcome => outcome.Completed)];
        double total = Math.Max(1e-9, served.Sum(outcome => outcome.LatencySeconds));
        double queued = served.Sum(outcome => run.Log[outcome.Request].QueuedSeconds);
        double first = served.Sum(outcome => outcome.TtftSeconds);
        double decoding = total - first;

        // Waits after a first token lie in the time of decoding.
        double early = served.Sum(outcome => Math.Min(run.Log[outcome.Request].QueuedSeconds, outcome.TtftSeconds));
        double late = queued - early;
        var time = new TimeAxis(run);
        QuestionPage page = QuestionPage.Stacked(
            "Where did requests wait?",
            [string.Create(CultureInfo.InvariantCulture, $"of their time, served requests spent {Percent(queued, total)} in queues, {Percent(first - early, total)} on their prompt, {Percent(decoding - late, total)} on their output"), .. time.Changes],
            280, 300);
        Panel(page, 0, run, time, bin => bin.WaitingSeconds, QuestionPage.Promise, "", "requests in queues");
        Panel(page, 1, run, time, bin => bin.RunningSeconds, QuestionPage.Blue, FormattableString.Invariant($"{time.Name} (means over {run.Timeline.BinSeconds:0} s)"), "requests in batches");
        return page;
    }

    private static string Percent(double part, double whole) => (100 * part / whole).ToString(part < 0.1 * whole ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    private static void Panel(QuestionPage page, int index, WatchedRun run, TimeAxis time, Func<TimelineBin, double> seconds, Color colour, string bottom, string left)
    {
        Plot plot = page.Panel(index);
        double[] values = [.. run.Timeline.Bins.Select(bin => seconds(bin) / run.Timeline.BinSeconds)];
        double[] at = [.. values.Select((_, i) => time.At((i + 0.5) * run.Timeline.BinSeconds))];
        FillY area = plot.Add.FillY(at, new double[at.Length], values);
        area.FillColor = colour.WithAlpha(0.2);
        area.LineWidth = 0;
        Scatter line = plot.Add.ScatterLine(at, values, colour);
        line.LineWidth = 1.5f;
        plot.Axes.SetLimitsY(0, Math.Max(1, 1.15 * values.DefaultIfEmpty(0).Max()));
        page.Style(index, bottom, left);
        time.Apply(plot, numbers: index == 0);
    }
}
