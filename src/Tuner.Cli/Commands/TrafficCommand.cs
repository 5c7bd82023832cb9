using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ScottPlot;
using Spectre.Console;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner traffic</c>: look at traces, make synthetic ones.</summary>
internal static class TrafficCommand
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create() => new("traffic", "Look at traces and make synthetic ones.") { Inspect(), Synthesize() };

    private static Command Inspect()
    {
        Argument<string> file = new("file") { Description = "A trace file or a preset's name." };
        Option<string?> plot = new("--plot") { Description = "Also draw rate and lengths to this .png or .svg." };
        Option<ulong> seed = Shared.Seed();
        Option<string?> json = Shared.Json();
        var command = new Command("inspect", "Counts, rates, burstiness, lengths and prefix reuse.") { file, plot, seed, json };
        command.SetAction(parsed =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            Shared.RequireWritableFile(parsed.GetValue(plot));
            ITrafficSource source = TrafficCatalog.Open(parsed.GetValue(file)!, parsed.GetValue(seed));
            TrafficStatistics statistics = TrafficStatistics.Of(source.TakeWhile(request => request.ArrivalSeconds < Shared.MaxTraceSeconds));
            if (statistics.Count == 0)
                throw new TrafficFormatException($"{source.Name}: no requests found; a trace needs at least one.");
            Print(source.Name, statistics);
            TrafficTrace trace = TrafficTrace.Load(source, Shared.MaxTraceSeconds);
            Chart(trace);
            if (parsed.GetValue(plot) is { } picture)
                Draw(trace, picture);
            if (parsed.GetValue(json) is { } target)
                Shared.WriteFile(target, JsonSerializer.Serialize(statistics, Indented));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Synthesize()
    {
        Argument<string> preset = new("preset") { Description = $"One of {string.Join(", ", TrafficPresets.Names)}." };
        Option<string> output = new("--out") { Description = "The trace to write (Mooncake JSONL).", Required = true };
        Option<double?> seconds = new("--seconds") { Description = "Length, seconds." };
        Option<double?> rate = new("--rate") { Description = "Mean requests a second." };
        Option<ulong> seed = Shared.Seed();
        var command = new Command("synthesize", "Write a synthetic trace.") { preset, output, seconds, rate, seed };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            Shared.RequireWritableFile(path);
            ITrafficSource source = TrafficCatalog.Open(parsed.GetValue(preset)!, parsed.GetValue(seed), parsed.GetValue(seconds), parsed.GetValue(rate));
            int count = 0;
            string temporary = path + ".tmp";
            using (var writer = new StreamWriter(temporary))
            {
                foreach (InferenceRequest request in source)
                {
                    string ids = string.Join(",", request.PrefixBlocks.ToArray());
                    string block = request.PrefixBlockTokens > 0 ? string.Create(CultureInfo.InvariantCulture, $",\"block_tokens\":{request.PrefixBlockTokens}") : "";
                    writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"timestamp\":{request.ArrivalSeconds * 1000:0.###},\"input_length\":{request.PromptTokens},\"output_length\":{request.OutputTokens},\"class\":\"{request.Class}\"{block},\"hash_ids\":[{ids}]}}"));
                    count++;
                }
            }

            File.Move(temporary, path, overwrite: true);
            AnsiConsole.WriteLine($"{count} requests written to {path}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(string name, TrafficStatistics statistics)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        table.AddRow("trace", Markup.Escape(name));
        table.AddRow("requests", statistics.Count.ToString("N0", CultureInfo.InvariantCulture));
        table.AddRow("span", Text($"{statistics.SpanSeconds / 60:0.0} min"));
        table.AddRow("rate", Text($"{statistics.RequestsPerSecond:0.00} requests/s"));
        table.AddRow("burstiness", Text($"CV of gaps {statistics.GapVariation:0.00}, busiest minute {statistics.PeakToMeanMinute:0.00} × mean, dispersion of 1 s counts {statistics.DispersionIndex:0.00}"));
        table.AddRow("load curve", Text($"r90/r60 {statistics.R90OverR60:0.00} (1.3 or more: adapting can pay)"));
        table.AddRow("prompt tokens", Lengths(statistics.PromptTokens));
        table.AddRow("output tokens", Lengths(statistics.OutputTokens));
        table.AddRow("prefix reuse", Text($"{100 * statistics.PrefixHitShare:0.0} % of prompt tokens with an unbounded cache"));
        AnsiConsole.Write(table);
    }

    private static string Lengths(LengthSummary lengths) => Text($"mean {lengths.Mean:0}, p50 {lengths.P50:0}, p90 {lengths.P90:0}, p99 {lengths.P99:0}, max {lengths.Max}");

    private static string Text(FormattableString text) => Markup.Escape(FormattableString.Invariant(text));

    private static void Chart(TrafficTrace trace)
    {
        const string Bars = "▁▂▃▄▅▆▇█";
        double[] counts = Counts(trace, 60);
        double max = Math.Max(1, counts.Max());
        AnsiConsole.WriteLine($"requests over time, peak {max / (trace.DurationSeconds / counts.Length):0.0}/s");
        AnsiConsole.WriteLine(string.Concat(counts.Select(count => Bars[(int)Math.Min(7, count / max * 7.99)])));
    }

    private static double[] Counts(TrafficTrace trace, int bins)
    {
        double[] counts = new double[bins];
        foreach (double arrival in trace.Arrivals)
            counts[Math.Min(bins - 1, (int)(arrival / Math.Max(trace.DurationSeconds, 1e-9) * bins))]++;
        return counts;
    }

    private static void Draw(TrafficTrace trace, string path)
    {
        const int Bins = 240;
        double[] counts = Counts(trace, Bins);
        double width = trace.DurationSeconds / Bins;
        // A new multiplot holds one empty plot already.
        var both = new Multiplot();
        Plot rate = both.GetPlot(0);
        rate.Add.Scatter([.. Enumerable.Range(0, Bins).Select(i => (i + 0.5) * width / 60)], counts.Select(count => count / width).ToArray()).MarkerSize = 0;
        rate.Title(trace.Name);
        rate.XLabel("minutes");
        rate.YLabel("requests / s");
        var lengths = new Plot();
        Cumulative(lengths, trace.PromptTokens, "prompt");
        Cumulative(lengths, trace.OutputTokens, "output");
        lengths.XLabel("log10 tokens");
        lengths.YLabel("share of requests");
        lengths.ShowLegend(Alignment.LowerRight);
        both.AddPlot(lengths);
        if (path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
            Shared.WriteFile(path, rate.GetSvgXml(900, 400));
        else
            both.SavePng(path, 900, 700);
    }

    private static void Cumulative(Plot plot, ReadOnlySpan<int> lengths, string label)
    {
        int[] sorted = lengths.ToArray();
        Array.Sort(sorted);
        const int Points = 200;
        double[] x = [.. Enumerable.Range(0, Points).Select(i => Math.Log10(sorted[(int)((sorted.Length - 1) * i / (double)(Points - 1))]))];
        double[] y = [.. Enumerable.Range(0, Points).Select(i => i / (double)(Points - 1))];
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter(x, y);
        line.MarkerSize = 0;
        line.LegendText = label;
    }
}
