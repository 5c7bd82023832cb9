using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Spectre.Console;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Traffic;

/// <summary><c>tuner traffic inspect</c>: what a trace is like, in figures and pictures.</summary>
internal static class InspectTrafficCommand
{
    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new FiniteNumberConverter() },
    };

    public static Command Create(IAnsiConsole console)
    {
        Argument<string> traffic = new("file") { Description = "A trace file or a preset's name." };
        Option<string?> plot = new("--plot") { Description = "Also draw rate and lengths to this .png or .svg." };
        Option<double> seconds = new("--seconds")
        {
            Description = "How much of the trace to look at.",
            DefaultValueFactory = _ => Shared.MaxTraceSeconds,
        };
        Option<ulong> seed = Shared.Seed();
        Option<string?> json = Shared.Json();
        var command = new Command("inspect", "Counts, rates, burstiness, lengths and prefix reuse.") { traffic, plot, seconds, seed, json };
        command.SetAction((parsed, cancellation) =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            RequirePicture(parsed.GetValue(plot));
            double most = parsed.GetValue(seconds);
            if (!(most > 0))
                throw new UserErrorException(FormattableString.Invariant($"--seconds is {most}; a number above 0 was expected."));
            ITrafficSource source = TrafficCatalog.Open(parsed.GetRequiredValue(traffic), parsed.GetValue(seed));
            var watched = new WatchedTraffic(source, cancellation);
            TrafficTrace trace = TrafficTrace.Load(watched, most);
            TrafficStatistics statistics = TrafficStatistics.Of(trace.Requests());
            TrafficPages.Write(console, source, trace, watched.ReadSeconds >= most, statistics);
            if (parsed.GetValue(plot) is { } picture)
                TrafficPlot.Save(trace, statistics, picture);
            if (parsed.GetValue(json) is { } target)
                Shared.WriteFile(target, Report(trace, statistics));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>The statistics under their own names, with the trace's name before them; what is not known is null.</summary>
    private static string Report(TrafficTrace trace, TrafficStatistics statistics)
    {
        var report = new JsonObject { ["trace"] = trace.Name };
        foreach ((string name, JsonNode? value) in JsonSerializer.SerializeToNode(statistics, Layout)!.AsObject().ToArray())
            report[name] = value?.DeepClone();
        return report.ToJsonString(Layout) + "\n";
    }

    private static void RequirePicture(string? path)
    {
        if (path is not null && !TrafficPlot.CanSave(path))
            throw new UserErrorException($"{path}: plots are drawn as .png or .svg; a name ending in one of these was expected.");
        Shared.RequireWritableFile(path);
    }
}
