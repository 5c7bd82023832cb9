using System.CommandLine;
using Spectre.Console;
using Tuner.Env.Cluster;
using Tuner.Env.Traffic;
using Tuner.Policy.Files;

namespace Tuner.Cli.Commands.Evaluating;

/// <summary><c>tuner evaluate</c>: a policy against its rivals, on the same arrivals.</summary>
internal static class EvaluateCommand
{
    /// <summary>Rivals gain little from a fourth day, and searching takes as long again.</summary>
    private const int TuningTraces = 3;

    public static Command Create(IAnsiConsole console)
    {
        Option<string> scenario = Shared.Scenario();
        Option<string[]> policy = new("--policy") { Description = "The trained policy: a *.tuner file, or a shipped one by name (llama70b-8xb200, ...). Several are taken for one recipe under several training seeds.", Required = true, AllowMultipleArgumentsPerToken = true };
        Option<string[]> traffic = Shared.Traffic();
        Option<string[]> training = new("--training-traffic") { Description = "What rivals are tuned on, end to end; by default the traffic the policy was trained on, three days of it.", AllowMultipleArgumentsPerToken = true };
        Option<string?> against = new("--against") { Description = $"Rivals, comma-separated: {string.Join(", ", Rivals.All)}. By default: {string.Join(", ", Rivals.Usual)}." };
        Option<bool> bursts = new("--bursts") { Description = "Serve --traffic with three times the rate for 45 s in every five minutes; rivals are tuned on what they are tuned on without." };
        Option<double?> scale = new("--rate-scale") { Description = "Multiple of the trace's rate; by default 1.25 times what the default setting sustains." };
        Option<bool> sustained = new("--sustained-load") { Description = "Also find the largest multiple each policy carries, and speed and quality at the loads fixed settings carry." };
        Option<bool> ablate = new("--ablate") { Description = "Also run the policy without one knob at a time." };
        Option<bool> robustness = new("--robustness") { Description = "Also run it with late and noisy telemetry, slower GPUs, worse drafts, bursts and silence." };
        Option<string> folder = new("--out") { Description = "Where evaluation.json and report.html go.", DefaultValueFactory = _ => Path.Combine("runs", "evaluate") };
        Option<ulong> seed = Shared.Seed();
        Option<string?> json = Shared.Json();
        var command = new Command("evaluate", "Measure a policy against its rivals on traffic it has not seen.") { scenario, policy, traffic, bursts, training, against, scale, sustained, ablate, robustness, folder, seed, json };
        command.SetAction((parsed, cancellation) =>
        {
            string output = parsed.GetValue(folder)!;
            Shared.RequireWritableFolder(output);
            Shared.RequireWritableFile(parsed.GetValue(json));
            EngineCostCache costs = Shared.Load(parsed.GetValue(scenario)!);
            PolicyFile[] files = [.. parsed.GetValue(policy)!.Select(ShippedPolicies.Load)];
            if (files.FirstOrDefault(file => file.Manifest.Scenario != costs.Scenario.Name) is { } stranger)
                console.WriteLine($"note: the policy was trained on {stranger.Manifest.Scenario}; this is {costs.Scenario.Name}.");
            ulong runSeed = parsed.GetValue(seed);
            TrafficTrace[] tests = Shared.LoadTraffic(parsed.GetValue(traffic)!, runSeed + 100);
            if (parsed.GetValue(bursts))
                tests = [.. tests.Select(test => TrafficBursts.Regular(test, runSeed))];
            TrafficTrace[] trainingTraces = TrainingTraffic(console, parsed.GetValue(training), files[0].Manifest, tests, runSeed);
            string[] rivals = parsed.GetValue(against)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? Rivals.Usual;
            var request = new EvaluationRequest(costs, files, tests, trainingTraces, rivals, parsed.GetValue(scale), runSeed)
            {
                Sustained = parsed.GetValue(sustained),
                Ablate = parsed.GetValue(ablate),
                Robustness = parsed.GetValue(robustness),
                Folder = output,
                Json = parsed.GetValue(json),
            };
            Evaluator.Run(request, console, cancellation);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static TrafficTrace[] TrainingTraffic(IAnsiConsole console, string[]? given, PolicyManifest manifest, TrafficTrace[] tests, ulong seed)
    {
        if (given is { Length: > 0 })
            return Shared.LoadTraffic(given, seed);
        string[] known = [.. manifest.Traffic.Where(TrafficCatalog.Has).Take(TuningTraces)];
        if (known.Length > 0)
            return Shared.LoadTraffic(known, seed);
        console.WriteLine("note: the traffic this policy was trained on is not here; rivals are tuned on the test traffic itself, which favours them.");
        return tests;
    }
}
