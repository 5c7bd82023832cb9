using System.CommandLine;
using Spectre.Console;
using Tuner.Cli.Reporting;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner simulate</c>: one fixed setting over one trace.</summary>
internal static class SimulateCommand
{
    public static Command Create(IAnsiConsole console)
    {
        Option<string> scenario = Shared.Scenario();
        Option<string[]> traffic = Shared.Traffic();
        Option<string?> set = new("--set") { Description = "Knobs to change from the default: parallelism=single,max-batch=128,speculation=on" };
        Option<double> scale = new("--rate-scale") { Description = "Multiple of the trace's rate.", DefaultValueFactory = _ => 1 };
        Option<ulong> seed = Shared.Seed();
        Option<string?> json = Shared.Json();
        var command = new Command("simulate", "Run one fixed setting over traffic.") { scenario, traffic, set, scale, seed, json };
        command.SetAction((parsed, cancellation) =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            EngineCostCache costs = Shared.Load(parsed.GetValue(scenario)!);
            KnobSettings settings = Settings(costs.Scenario, parsed.GetValue(set));
            double factor = RateScale(parsed.GetValue(scale));
            var rows = new List<EvaluationRow>();
            foreach (TrafficTrace trace in Shared.LoadTraffic(parsed.GetValue(traffic)!, parsed.GetValue(seed)))
            {
                RunResult run = PolicyRunner.Run(costs, trace.Scaled(factor, parsed.GetValue(seed)), new FixedPolicy("fixed", settings), settings, cancellation: cancellation);
                rows.Add(EvaluationRow.Of(run, trace.Name, parsed.GetValue(seed)));
            }

            console.WriteLine(KnobText.Write(costs.Scenario.Knobs, settings));
            ResultTable.Write(console, rows);
            if (parsed.GetValue(json) is { } file)
                Shared.WriteFile(file, EvaluationJson.One(costs.Scenario.Name, factor, rows));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    internal static double RateScale(double value)
        => value is > 0 and < 10_000 ? value : throw new UserErrorException($"--rate-scale is {value}; expected a multiple above 0.");

    internal static KnobSettings Settings(Scenario scenario, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return scenario.DefaultSettings;
        var problems = new List<string>();
        var values = new Dictionary<string, string>();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                problems.Add($"\"{part}\" found; expected knob=value");
            else
                values[part[..equals]] = part[(equals + 1)..];
        }

        KnobSettings settings = KnobText.Parse(scenario.Knobs, scenario.DefaultSettings, values, problems);
        if (problems.Count > 0)
            throw new UserErrorException($"--set: {string.Join("; ", problems)}.");
        if (!scenario.Fits(settings))
            throw new UserErrorException($"--set: {KnobText.Write(scenario.Knobs, settings)} does not fit {scenario.Name}: no such layout, or no room for weights and KV cache.");
        return settings;
    }
}
