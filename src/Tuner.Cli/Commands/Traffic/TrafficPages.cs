using System.Globalization;
using Spectre.Console;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Traffic;

/// <summary>A trace's figures on the terminal.</summary>
internal static class TrafficPages
{
    private const int CurveWidth = 72;
    private const int BarWidth = 28;

    public static void Write(IAnsiConsole console, ITrafficSource source, TrafficTrace trace, bool cut, TrafficStatistics statistics)
    {
        console.MarkupLineInterpolated($"[bold]{trace.Name}[/]");
        if (source is SyntheticTraffic synthetic)
            console.MarkupLineInterpolated($"[grey]{synthetic.Description}[/]");
        if (cut)
            console.MarkupLineInterpolated($"[yellow]The trace is longer: these are its first {Span(trace.DurationSeconds)}. --seconds shows more.[/]");
        console.WriteLine();
        console.Write(Arrivals(trace, statistics));
        console.Write(Lengths(statistics));
        WriteCurve(console, trace);
        console.Write(Distributions(trace));
    }

    private static Table Arrivals(TrafficTrace trace, TrafficStatistics statistics)
    {
        Table table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned()).AddColumn("");
        Row("requests", $"{trace.Count:N0}", Classes(statistics));
        Row("span", $"{Span(trace.DurationSeconds)}", "");
        Row("rate", $"{trace.MeanRate:0.##}/s", "");
        Row("gap variation", $"{statistics.GapVariation:0.00}", "coefficient of variation; 1 is Poisson");
        Row("dispersion", $"{statistics.DispersionIndex:0.00}", "variance over mean of arrivals a second; 1 is Poisson");
        Row("busiest minute", $"{statistics.PeakToMeanMinute:0.00}x", "of the mean minute");
        Row("quietest minute", $"{statistics.QuietestToMeanMinute:0.00}x", "of the mean minute");
        Row("load spread", $"{statistics.R90OverR60:0.00}", "r90/r60 by requests; near 1 one setting fits all day");
        if (trace.HasPrefixes)
        {
            Row("prefix reuse", $"{statistics.PrefixHitShare:P1}", "of prompt tokens, in an unbounded cache");
            Row("prefix blocks", $"{statistics.DistinctPrefixBlocks:N0}", "distinct");
        }

        return table;

        void Row(string what, FormattableString figure, string meaning) => table.AddRow(
            what, $"[bold]{Markup.Escape(figure.ToString(CultureInfo.InvariantCulture))}[/]", $"[grey]{Markup.Escape(meaning)}[/]");
    }

    private static Table Lengths(TrafficStatistics statistics)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("tokens");
        foreach (string column in new[] { "mean", "p50", "p90", "p99", "max" })
            table.AddColumn(new TableColumn(column).RightAligned());
        Row("prompt", statistics.PromptTokens);
        Row("output", statistics.OutputTokens);
        return table;

        void Row(string what, LengthSummary lengths) => table.AddRow(
            [what, .. new[] { lengths.Mean, lengths.P50, lengths.P90, lengths.P99, lengths.Max }
                .Select(figure => figure.ToString(figure < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture))]);
    }

    private static void WriteCurve(IAnsiConsole console, TrafficTrace trace)
    {
        double window = Math.Max(1, trace.DurationSeconds / CurveWidth);
        double[] rates = Array.ConvertAll(RateWindows.Counts(trace, window), count => count / window);
        if (rates.Length < 2)
            return;
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"requests a second, {Span(window)} a column, up to {rates.Max():0.##}/s"));
        console.MarkupLineInterpolated($"[blue]{Sparkline.Of(rates, CurveWidth)}[/]");
        console.WriteLine();
    }

    private static Table Distributions(TrafficTrace trace)
    {
        Table table = new Table().Border(TableBorder.None).AddColumn("prompt tokens").AddColumn("output tokens");
        table.AddRow(Bars(trace.PromptTokens, "green"), Bars(trace.OutputTokens, "yellow"));
        return table;
    }

    private static Grid Bars(ReadOnlySpan<int> tokens, string colour)
    {
        LogBins bins = LogBins.Of(tokens, binsADoubling: 1);
        double top = bins.Shares.Max();
        Grid grid = new Grid().AddColumn(new GridColumn().RightAligned().NoWrap()).AddColumn(new GridColumn().NoWrap());
        for (int i = 0; i < bins.Shares.Length; i++)
        {
            var bar = new string('█', (int)Math.Round(bins.Shares[i] / top * BarWidth));
            grid.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"{bins.Edges[i]:N0}+"),
                string.Create(CultureInfo.InvariantCulture, $"[{colour}]{bar}[/] {100 * bins.Shares[i]:0.0} %"));
        }

        return grid;
    }

    private static string Classes(TrafficStatistics statistics)
    {
        double total = statistics.Classes.Values.Sum();
        return string.Join(", ", statistics.Classes.Select(pair => statistics.Classes.Count == 1
            ? $"{pair.Key}"
            : string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {100 * pair.Value / total:0.#} %")));
    }

    private static string Span(double seconds) => seconds switch
    {
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0.0} days"),
    };
}
