using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Env.Measurement;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>What the scenario's GPUs did, stacked.</summary>
internal static class GpuTimePlot
{
    public static QuestionPage Draw(WatchedRun run)
    {
        IReadOnlyList<TimelineBin> bins = run.Timeline.Bins;
        double whole = run.Scenario.Gpus * run.Timeline.BinSeconds;
        double[] prompts = [.. bins.Select(bin => 100 * bin.PromptGpuSeconds / whole)];
        double[] decode = [.. bins.Select(bin => 100 * bin.DecodeGpuSeconds / whole)];
        double[] paused = [.. bins.Select(bin => 100 * bin.PausedGpuSeconds / whole)];
        double[] idle = [.. bins.Select((_, i) => Math.Max(0, 100 - prompts[i] - decode[i] - paused[i]))];
        var time = new TimeAxis(run);
        QuestionPage page = QuestionPage.Stacked(
            "What did the GPUs do with their time?",
            [string.Create(CultureInfo.InvariantCulture, $"steps with prompts {Mean(prompts):0.0} %, steps that only decode {Mean(decode):0.0} %, paused for changes {Mean(paused):0.0} %, idle {Mean(idle):0.0} %"), .. time.Changes],
            420);
        double[] at = [.. bins.Select((_, i) => time.At((i + 0.5) * run.Timeline.BinSeconds))];
        double[] below = new double[bins.Count];
        foreach ((string name, double[] part, Color colour) in new[]
        {
            ("steps that only decode", decode, QuestionPage.Blue), ("steps with prompts", prompts, QuestionPage.Amber),
            ("paused for changes", paused, QuestionPage.Promise), ("idle", idle, QuestionPage.Faint),
        })
        {
            double[] top = [.. below.Zip(part, (low, height) => low + height)];
            FillY area = page.Panel(0).Add.FillY(at, below, top);
            area.FillColor = colour;
            area.LineWidth = 0;
            area.LegendText = name;
            below = top;
        }

        page.Panel(0).Axes.SetLimitsY(0, 100);
        page.Style(0, FormattableString.Invariant($"{time.Name} (shares of {run.Timeline.BinSeconds:0} s)"), FormattableString.Invariant($"% of the time of {run.Scenario.Gpus} GPUs"));
        page.Legend(0);
        time.Apply(page.Panel(0), numbers: true);
        return page;
    }

    private static double Mean(double[] values) => values.DefaultIfEmpty(0).Average();
}
