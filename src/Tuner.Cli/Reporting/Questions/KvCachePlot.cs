using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Env.Measurement;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>KV blocks in use over time; preemptions below, when there were any.</summary>
internal static class KvCachePlot
{
    public static QuestionPage Draw(WatchedRun run)
    {
        IReadOnlyList<TimelineBin> bins = run.Timeline.Bins;
        double peak = bins.Select(bin => bin.KvPeak).DefaultIfEmpty(0).Max();
        int preemptions = run.Log.Preemptions;
        string lost = preemptions == 0 ? "no request lost its place for want of room" : string.Create(CultureInfo.InvariantCulture, $"requests lost their place {preemptions} times for want of room");
        var time = new TimeAxis(run);
        QuestionPage page = QuestionPage.Stacked(
            "How full was the KV cache?",
            [string.Create(CultureInfo.InvariantCulture, $"at most {100 * peak:0} % on any replica; {lost}"), .. time.Changes],
            preemptions == 0 ? [400] : [380, 200]);
        double[] at = [.. bins.Select((_, i) => time.At((i + 1) * run.Timeline.BinSeconds))];
        Plot use = page.Panel(0);
        double now = 0;
        double[] ends = [.. run.Result.Windows.Select(window => time.At(now += window.Seconds))];
        double[] means = [.. run.Result.Windows.Select(window => 100 * window.KvUse)];
        FillY area = use.Add.FillY(ends, new double[ends.Length], means);
        area.FillColor = QuestionPage.Blue.WithAlpha(0.25);
        area.LineWidth = 0;
        area.LegendText = "mean of all replicas";
        Scatter line = use.Add.ScatterLine(at, [.. bins.Select(bin => 100 * bin.KvPeak)], QuestionPage.Purple);
        line.LineWidth = 1.5f;
        line.LegendText = "fullest replica";
        use.Add.HorizontalLine(100, 1.5f, QuestionPage.Promise, LinePattern.Dashed);
        use.Axes.SetLimitsY(0, peak > 0.5 ? 108 : 100 * Math.Max(0.05, 1.3 * peak));
        page.Style(0, preemptions == 0 ? time.Name : "", "% of KV blocks in use");
        page.Legend(0);
        time.Apply(use, numbers: true);
        if (preemptions == 0)
            return page;
        Plot thrown = page.Panel(1);
        foreach ((TimelineBin bin, double x) in bins.Zip(at).Where(pair => pair.First.Preemptions > 0))
        {
            LinePlot bar = thrown.Add.Line(x, 0, x, bin.Preemptions);
            bar.Color = QuestionPage.Promise;
            bar.LineWidth = 2;
        }

        thrown.Axes.SetLimitsY(0, 1.15 * bins.Max(bin => bin.Preemptions));
        page.Style(1, time.Name, FormattableString.Invariant($"preemptions in {run.Timeline.BinSeconds:0} s"));
        time.Apply(thrown, numbers: false);
        return page;
    }
}
