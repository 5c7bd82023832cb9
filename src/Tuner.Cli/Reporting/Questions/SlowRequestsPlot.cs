using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using Tuner.Env.Measurement;

namespace Tuner.Cli.Reporting.Questions;

/// <summary>Each request's time to first token against its prompt's length, coloured by what became of it.</summary>
internal static class SlowRequestsPlot
{
    /// <summary>Most dots of one colour: more are neither seen nor wanted in an SVG.</summary>
    private const int MostDots = 4000;

    private const double LeastSeconds = 1e-3;

    public static QuestionPage Draw(WatchedRun run)
    {
        RequestOutcome[] served = [.. run.Result.Outcomes.Where(outcome => outcome.Completed)];
        double Promised(RequestOutcome outcome) => run.Scenario.Objective.TtftFor(outcome.PromptTokens);
        RequestOutcome[] met = [.. served.Where(outcome => outcome.Met)];
        RequestOutcome[] late = [.. served.Where(outcome => !outcome.Met && outcome.TtftSeconds > Promised(outcome))];
        RequestOutcome[] slow = [.. served.Where(outcome => !outcome.Met && outcome.TtftSeconds <= Promised(outcome))];
        RequestOutcome[] lost = [.. run.Result.Outcomes.Where(outcome => !outcome.Completed)];
        QuestionPage page = QuestionPage.Stacked(
            "Who was slow?",
            [string.Create(CultureInfo.InvariantCulture, $"{met.Length:N0} met both promises, {late.Length:N0} got their first token late, {slow.Length:N0} only their later ones; {lost.Length:N0} were not served to the end")],
            560);
        Plot plot = page.Panel(0);
        double low = served.Select(outcome => outcome.TtftSeconds).DefaultIfEmpty(0.1).Min();
        double high = served.Select(outcome => outcome.TtftSeconds).Concat(served.Select(Promised)).DefaultIfEmpty(1).Max();
        low = Math.Max(LeastSeconds, 0.8 * low);

        // What has no first token stands at the top.
        double top = high * (lost.Length > 0 ? 2.2 : 1.3);
        Dots(plot, "met both promises", met, outcome => outcome.TtftSeconds, QuestionPage.Blue.WithAlpha(0.35), 4);
        Dots(plot, "later tokens slow", slow, outcome => outcome.TtftSeconds, QuestionPage.Amber.WithAlpha(0.5), 4);
        Dots(plot, "first token late", late, outcome => outcome.TtftSeconds, QuestionPage.Promise.WithAlpha(0.5), 4);
        Dots(plot, "not served to the end (at the top)", lost, _ => 1.5 * high, QuestionPage.Ink, 6, MarkerShape.Eks);
        int shortest = run.Result.Outcomes.Select(outcome => outcome.PromptTokens).DefaultIfEmpty(1).Min();
        int longest = Math.Max(shortest + 1, run.Result.Outcomes.Select(outcome => outcome.PromptTokens).DefaultIfEmpty(2).Max());
        double[] lengths = [.. Enumerable.Range(0, 101).Select(i => shortest * Math.Pow((double)longest / shortest, i / 100.0))];
        Scatter promise = plot.Add.ScatterLine(Array.ConvertAll(lengths, Math.Log10), Array.ConvertAll(lengths, length => Math.Log10(run.Scenario.Objective.TtftFor((int)length))), QuestionPage.Ink);
        promise.LineWidth = 2;
        promise.LinePattern = LinePattern.Dashed;
        promise.LegendText = "promise";
        double from = 0.9 * shortest;
        double to = 1.1 * longest;
        plot.Axes.SetLimits(Math.Log10(from), Math.Log10(to), Math.Log10(low), Math.Log10(top));
        plot.Axes.Bottom.TickGenerator = QuestionPage.LogTicks(from, to, value => value.ToString("N0", CultureInfo.InvariantCulture));
        plot.Axes.Left.TickGenerator = QuestionPage.LogTicks(low, top, value => value.ToString("0.###", CultureInfo.InvariantCulture));
        page.Style(0, "prompt tokens (both axes logarithmic)", "time to first token, s");
        page.Legend(0);
        return page;
    }

    private static void Dots(Plot plot, string name, RequestOutcome[] outcomes, Func<RequestOutcome, double> seconds, Color colour, float size, MarkerShape shape = MarkerShape.FilledCircle)
    {
        if (outcomes.Length == 0)
            return;
        int step = (outcomes.Length + MostDots - 1) / MostDots;
        RequestOutcome[] shown = [.. outcomes.Where((_, i) => i % step == 0)];
        Scatter dots = plot.Add.ScatterPoints(
            Array.ConvertAll(shown, outcome => Math.Log10(outcome.PromptTokens)),
            Array.ConvertAll(shown, outcome => Math.Log10(Math.Max(LeastSeconds, seconds(outcome)))),
            colour);
        dots.MarkerSize = size;
        dots.MarkerShape = shape;
        dots.LegendText = step == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} (1 in {step} drawn)");
    }
}
