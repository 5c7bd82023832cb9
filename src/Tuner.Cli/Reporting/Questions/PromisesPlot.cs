using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Env.Measurement;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>Attainment above, and below how the slower requests stood against what they were promised.</summary>
internal static class PromisesPlot
{
    private const int MostPoints = 120;
    private const double LeastSeconds = 10;
    private const double Least = 0.01;

    public static QuestionPage Draw(WatchedRun run)
    {
        RequestOutcome[] outcomes = [.. run.Result.Outcomes];
        double binSeconds = LeastSeconds * Math.Ceiling(Math.Max(1, run.Result.DurationSeconds / MostPoints / LeastSeconds));
        IGrouping<int, RequestOutcome>[] bins = [.. outcomes.GroupBy(outcome => (int)(outcome.ArrivalSeconds / binSeconds)).OrderBy(bin => bin.Key)];
        double target = run.Scenario.AttainmentTarget;
        int below = bins.Count(bin => Share(bin) < target);
        var time = new TimeAxis(run);
        QuestionPage page = QuestionPage.Stacked(
            "Did requests keep their promises over time?",
            [string.Create(CultureInfo.InvariantCulture, $"{100 * run.Result.Attainment:0.0} % met both; below the target of {100 * target:0} % in {below} of {bins.Length} stretches of {binSeconds:0} s"), .. time.Changes],
            290, 340);
        double[] at = [.. bins.Select(bin => time.At((bin.Key + 0.5) * binSeconds))];

        Plot kept = page.Panel(0);
        double[] shares = [.. bins.Select(bin => 100 * Share(bin))];
        FillY area = kept.Add.FillY(at, new double[at.Length], shares);
        area.FillColor = QuestionPage.Blue.WithAlpha(0.15);
        area.LineWidth = 0;
        Line(kept, at, shares, QuestionPage.Blue, "");
        kept.Add.HorizontalLine(100 * target, 1.5f, QuestionPage.Promise, LinePattern.Dashed);
        kept.Axes.SetLimitsY(Math.Min(100 * target, shares.DefaultIfEmpty(100).Min()) < 50 ? 0 : 50, 103);
        page.Style(0, "", "% of requests that met both");
        time.Apply(kept, numbers: true);

        Plot ratio = page.Panel(1);
        double[] first = [.. bins.Select(bin => P90(bin, outcome => outcome.TtftSeconds / run.Scenario.Objective.TtftFor(outcome.PromptTokens)))];
        double[] token = [.. bins.Select(bin => P90(bin, outcome => outcome.TpotSeconds / run.Scenario.Objective.TpotSeconds))];
        Line(ratio, at, [.. first.Select(Log)], QuestionPage.Blue, "time to first token");
        Line(ratio, at, [.. token.Select(Log)], QuestionPage.Amber, "time per output token");
        ratio.Add.HorizontalLine(0, 1.5f, QuestionPage.Promise, LinePattern.Dashed);
        double low = Math.Max(Least, 0.8 * first.Concat(token).Where(double.IsFinite).DefaultIfEmpty(1).Min());
        double high = Math.Max(2, 1.25 * first.Concat(token).Where(double.IsFinite).DefaultIfEmpty(1).Max());
        ratio.Axes.SetLimitsY(Math.Log10(low), Math.Log10(high));
        ratio.Axes.Left.TickGenerator = QuestionPage.LogTicks(low, high, value => value.ToString("0.## ×", CultureInfo.InvariantCulture));
        page.Style(1, $"{time.Name}, by arrival (dashed: the target above, the promise below)", "90th percentile over promise");
        page.Legend(1);
        time.Apply(ratio, numbers: false);
        return page;
    }

    private static double Share(IGrouping<int, RequestOutcome> bin) => bin.Average(outcome => outcome.Met ? 1.0 : 0.0);

    private static double P90(IEnumerable<RequestOutcome> bin, Func<RequestOutcome, double> value)
    {
        double[] sorted = [.. bin.Where(outcome => outcome.Completed).Select(value).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Ceiling(0.9 * sorted.Length) - 1];
    }

    private static double Log(double ratio) => Math.Log10(Math.Max(Least, ratio));

    private static void Line(Plot plot, double[] x, double[] y, Color colour, string name)
    {
        Scatter line = plot.Add.ScatterLine(x, y, colour);
        line.LineWidth = 2;
        line.LegendText = name;
    }
}
