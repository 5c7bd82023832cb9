using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Env.Measurement;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>The share of requests below each time to first token, and below each time per output token, beside what was promised.</summary>
internal static class LatenciesPlot
{
    private const int Points = 200;
    private const double Least = 0.1;

    public static QuestionPage Draw(WatchedRun run)
    {
        RequestOutcome[] served = [.. run.Result.Outcomes.Where(outcome => outcome.Completed)];
        double[] first = Sorted(served.Select(outcome => 1000 * outcome.TtftSeconds));
        double[] promised = Sorted(served.Select(outcome => 1000 * run.Scenario.Objective.TtftFor(outcome.PromptTokens)));
        double[] token = Sorted(served.Where(outcome => outcome.OutputTokens > 1).Select(outcome => 1000 * outcome.TpotSeconds));
        double tokenPromise = 1000 * run.Scenario.Objective.TpotSeconds;
        QuestionPage page = QuestionPage.SideBySide(
            "How were latencies distributed?",
            [string.Create(CultureInfo.InvariantCulture, $"first token: median {At(first, 0.5):0} ms, 99 % within {At(first, 0.99):0} ms; each later token: median {At(token, 0.5):0.0} ms, 99 % within {At(token, 0.99):0.0} ms")],
            420);
        Curves(page, 0, first, promised, "time to first token, ms (logarithmic)");
        Curves(page, 1, token, [tokenPromise, tokenPromise], "mean time per output token, ms (logarithmic)");
        return page;
    }

    private static void Curves(QuestionPage page, int panel, double[] sorted, double[] promised, string bottom)
    {
        Plot plot = page.Panel(panel);
        Curve(plot, promised, QuestionPage.Promise, "promised").LinePattern = LinePattern.Dashed;
        Curve(plot, sorted, QuestionPage.Blue, "served").LineWidth = 2.5f;
        double low = Math.Max(Least, 0.9 * Math.Min(At(sorted, 0), At(promised, 0)));
        double high = 1.1 * Math.Max(At(sorted, 1), At(promised, 1));
        plot.Axes.SetLimits(Math.Log10(low), Math.Log10(high), 0, 102);
        plot.Axes.Bottom.TickGenerator = QuestionPage.LogTicks(low, high, value => value.ToString("#,0.##", CultureInfo.InvariantCulture));
        page.Style(panel, bottom, panel == 0 ? "% of completed requests" : "");
        page.Legend(panel);
    }

    private static Scatter Curve(Plot plot, double[] sorted, Color colour, string name)
    {
        double[] shares = [.. Enumerable.Range(0, Points).Select(i => i / (Points - 1.0))];
        Scatter curve = plot.Add.ScatterLine(Array.ConvertAll(shares, share => Math.Log10(Math.Max(Least, At(sorted, share)))), Array.ConvertAll(shares, share => 100 * share), colour);
        curve.LineWidth = 2;
        curve.LegendText = name;
        return curve;
    }

    private static double[] Sorted(IEnumerable<double> values) => [.. values.Order()];

    /// <summary>The nearest-rank percentile; the least time shown when there is nothing.</summary>
    private static double At(double[] sorted, double share) => sorted.Length == 0 ? Least : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
