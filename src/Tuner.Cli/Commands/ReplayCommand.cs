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
    private static readonly string[] NotesNames = ["meta.json"];
    private static readonly string[] SeriesNames = ["timeseries.csv", "timeseries.csv.gz"];

    public static Command Create(IAnsiConsole console)
    {
        Argument<string> run = new("run") { Description = "A recorded run: requests.jsonl, gzipped or not, or the folder that holds it." };
        Option<string> scenario = Shared.Scenario();
        Option<string?> set = new("--set") { Description = "Knobs to change from the engine's: max-batch=256" };
        Option<int?> sequences = new("--max-num-seqs") { Description = "Most sequences in a step; as meta.json beside the run says, else as the scenario has it." };
        Option<int?> budget = new("--max-num-batched-tokens") { Description = "Most tokens of a step; likewise." };
        Option<int?> cache = new("--kv-cache-tokens") { Description = "Tokens the KV cache of an engine holds, as the engine reports it; likewise." };
        Option<int?> tensor = new("--tensor-parallel-size") { Description = "GPUs each layer is split over; likewise." };
        Option<string?> timeseries = new("--timeseries") { Description = "The engine's statistics once a second (t, running, waiting, kv_cache_pct); timeseries.csv beside the run if it is there." };
        Option<string> arrivals = new("--arrivals") { Description = "When requests arrive, here and there: queued (queued_ts, between steps of the engine) or client (arrival_time of the process in front).", DefaultValueFactory = _ => "queued" };
        arrivals.AcceptOnlyFromAmong("queued", "client");
        Option<string?> plots = new("--plots") { Description = "Draw pictures, one a question, into this folder." };
        Option<string?> json = Shared.Json();
        var command = new Command("replay", "Replay the arrivals of a real run and compare latencies and queue.") { run, scenario, set, sequences, budget, cache, tensor, timeseries, arrivals, plots, json };
        foreach (Option<int?> number in (Option<int?>[])[sequences, budget, cache, tensor])
        {
            number.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() is < 1)
                    result.AddError($"{number.Name} is {result.GetValueOrDefault<int?>()}; expected a whole number above 0.");
            });
        }

        command.SetAction((parsed, cancellation) =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            if (parsed.GetValue(plots) is { } folder)
                Shared.RequireWritableFolder(folder);
            string file = Find(parsed.GetValue(run)!);
            EngineRunReader reader = Open(file);
            if (parsed.GetValue(arrivals) == "client")
                reader = reader.FromClients();
            EngineRunNotes notes = Notes(file);
            notes = notes with
            {
                MaxSequences = parsed.GetValue(sequences) ?? notes.MaxSequences,
                TokenBudget = parsed.GetValue(budget) ?? notes.TokenBudget,
                KvCacheTokens = parsed.GetValue(cache) ?? notes.KvCacheTokens,
                TensorParallel = parsed.GetValue(tensor) ?? notes.TensorParallel,
            };
            var costs = new EngineCostCache(RecordedEngine.Of(ScenarioFile.Load(parsed.GetValue(scenario)!), notes));
            KnobSettings settings = SimulateCommand.Settings(costs.Scenario, parsed.GetValue(set));
            EngineRunSeries? series = (parsed.GetValue(timeseries) ?? Beside(file, SeriesNames)) is { } path ? EngineRunSeries.Read(path).On(reader.Requests) : null;
            var watch = Stopwatch.StartNew();
            RunReplay replay = RunReplay.Of(costs, reader, settings, series, cancellation);
            ReplayTables.WriteEngine(console, costs.Scenario, settings, notes);
            ReplayTables.Write(console, replay, watch.Elapsed);
            if (reader.Unfinished > 0)
                console.WriteLine($"{reader.Unfinished} requests without times are left out of both.");
            if (parsed.GetValue(plots) is { } pictures)
            {
                ReplayPlots.Save(pictures, replay);
                console.WriteLine($"pictures: {pictures}");
            }

            if (parsed.GetValue(json) is { } output)
                Shared.WriteFile(output, ReplayJson.Of(costs.Scenario.Name, reader.Name, replay));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static string Find(string path)
        => Directory.Exists(path)
            ? FileNames.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? throw new UserErrorException($"{path}: neither {string.Join(" nor ", FileNames)} found; expected a recorded run.")
            : path;

    private static string? Beside(string file, string[] names)
        => names.Select(name => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, name)).FirstOrDefault(File.Exists);

    private static EngineRunNotes Notes(string file) => Beside(file, NotesNames) is { } path ? EngineRunNotes.Read(path) : new EngineRunNotes();

    private static EngineRunReader Open(string file)
        => TrafficFiles.Open(file) as EngineRunReader
            ?? throw new UserErrorException($"{file}: this is traffic, not a recorded run; expected JSON lines with queued_ts, first_token_ts and last_token_ts.");
}
