using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Cli.Reporting.Questions;
using Tuner.Env.Evaluation.Replaying;

namespace Tuner.Cli.Commands.Replaying;

/// <summary>The pictures of a replay.</summary>
internal static class ReplayPlots
{
    private const int Points = 200;

    /// <summary>Draws them into a folder, as PNG and as SVG.</summary>
    public static void Save(string folder, RunReplay replay)
    {
        Queue(replay).Save(folder, "queue");
        Latencies(replay).Save(folder, "latencies");
    }

    private static QuestionPage Queue(RunReplay replay)
    {
        IReadOnlyList<QueueSample> measured = replay.MeasuredQueue;
        bool kv = measured.Any(sample => sample.KvUse > 0);
        int last = kv ? 2 : 1;
        QuestionPage page = QuestionPage.Stacked("Did the queue grow and shrink as it did?", ["requests once a second"], kv ? [260, 260, 300] : [260, 300]);
        Panel(0, sample => sample.Running, "running");
        Panel(1, sample => sample.Waiting, "waiting");
        if (kv)
            Panel(2, sample => 100 * (sample.KvUse ?? double.NaN), "% of the KV cache");
        return page;

        void Panel(int panel, Func<QueueSample, double> of, string name)
        {
            Plot plot = page.Panel(panel);
            double[] seconds = [.. replay.Queue.Select(sample => sample.Seconds)];
            Line(plot, seconds, [.. measured.Select(of)], QuestionPage.Ink, "measured");
            Line(plot, seconds, [.. replay.Queue.Select(of)], QuestionPage.Blue, "simulated");
            plot.Axes.SetLimitsX(0, seconds[^1]);
            plot.Axes.SetLimitsY(0, 1.1 * measured.Concat(replay.Queue).Select(of).Where(double.IsFinite).Append(1).Max());
            page.Style(panel, panel == last ? "seconds" : "", name);
            if (panel == last)
                page.Legend(panel);
            else
                plot.HideLegend();
        }
    }

    private static QuestionPage Latencies(RunReplay replay)
    {
        int[] served = [.. Enumerable.Range(0, replay.Measured.Count).Where(i => replay.Simulated[i].Completed && replay.Measured[i].OutputTokens > 1)];
        QuestionPage page = QuestionPage.SideBySide("Are latencies distributed alike?", [string.Create(CultureInfo.InvariantCulture, $"{served.Length} requests")], 420);
        Panel(0, [.. served.Select(i => replay.Measured[i].TtftSeconds)], [.. served.Select(i => replay.Simulated[i].TtftSeconds)], "time to first token, ms");
        Panel(1, [.. served.Select(i => replay.Measured[i].TpotSeconds)], [.. served.Select(i => replay.Simulated[i].TpotSeconds)], "mean time per output token, ms");
        return page;

        void Panel(int panel, double[] measured, double[] simulated, string bottom)
        {
            Array.Sort(measured);
            Array.Sort(simulated);
            double[] shares = [.. Enumerable.Range(0, Points).Select(i => i / (Points - 1.0))];
            Line(page.Panel(panel), Quantiles(measured), [.. shares.Select(share => 100 * share)], QuestionPage.Ink, "measured");
            Line(page.Panel(panel), Quantiles(simulated), [.. shares.Select(share => 100 * share)], QuestionPage.Blue, "simulated");
            page.Panel(panel).Axes.SetLimitsY(0, 102);
            page.Style(panel, bottom, panel == 0 ? "% of requests" : "");
            page.Legend(panel);

            double[] Quantiles(double[] sorted) => [.. shares.Select(share => 1000 * sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)])];
        }
    }

    private static void Line(Plot plot, double[] x, double[] y, Color colour, string name)
    {
        Scatter line = plot.Add.ScatterLine(x, y, colour);
        line.LineWidth = 2;
        line.LegendText = name;
    }
}
