using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using Tuner.Cli.Commands.Replaying;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation.Replaying;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner replay</c>: a real engine's run against the simulated one.</summary>
internal static class ReplayCommand
{
    private static readonly string[] FileNames = ["requests.jsonl", "requests.jsonl.gz"];

    public static Command Create(IAnsiConsole console)
    {
        Argument<string> run = new("run") { Description = "A recorded run: requests.jsonl, gzipped or not, or the folder that holds it." };
        Option<string> scenario = Shared.Scenario();
        Option<string?> set = new("--set") { Description = "Knobs to change from the default: max-batch=256" };
        Option<string?> plots = new("--plots") { Description = "Draw pictures, one a question, into this folder." };
        Option<string?> json = Shared.Json();
        var command = new Command("replay", "Replay the arrivals of a real run and compare latencies and queue.") { run, scenario, set, plots, json };
        command.SetAction((parsed, cancellation) =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            if (parsed.GetValue(plots) is { } folder)
                Shared.RequireWritableFolder(folder);
            EngineRunReader reader = Open(parsed.GetValue(run)!);
            EngineCostCache costs = Shared.Load(parsed.GetValue(scenario)!);
            KnobSettings settings = SimulateCommand.Settings(costs.Scenario, parsed.GetValue(set));
            var watch = Stopwatch.StartNew();
            RunReplay replay = RunReplay.Of(costs, reader, settings, cancellation);
            console.WriteLine(KnobText.Write(costs.Scenario.Knobs, settings));
            ReplayTables.Write(console, replay, watch.Elapsed);
            if (parsed.GetValue(plots) is { } pictures)
            {
                ReplayPlots.Save(pictures, replay);
                console.WriteLine($"pictures: {pictures}");
            }

            if (parsed.GetValue(json) is { } file)
                Shared.WriteFile(file, ReplayJson.Of(costs.Scenario.Name, reader.Name, replay));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static EngineRunReader Open(string path)
    {
        string file = Directory.Exists(path)
            ? FileNames.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? throw new UserErrorException($"{path}: neither {string.Join(" nor ", FileNames)} found; expected a recorded run.")
            : path;
        return TrafficFiles.Open(file) as EngineRunReader
            ?? throw new UserErrorException($"{file}: this is traffic, not a recorded run; expected JSON lines with queued_ts, first_token_ts and last_token_ts.");
    }
}
