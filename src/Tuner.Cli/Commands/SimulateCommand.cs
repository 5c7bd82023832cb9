using System.CommandLine;
using Spectre.Console;
using Tuner.Cli.Commands.Simulation;
using Tuner.Cli.Reporting;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner simulate</c>: one fixed setting, or a schedule of settings, over a trace.</summary>
internal static class SimulateCommand
{
    public static Command Create(IAnsiConsole console)
    {
        Option<string> scenario = Shared.Scenario();
        Option<string[]> traffic = Shared.Traffic();
        Option<string?> set = new("--set") { Description = "Knobs to change from the default: parallelism=single,max-batch=128,speculation=on" };
        Option<double> scale = new("--rate-scale") { Description = "Multiple of the trace's rate.", DefaultValueFactory = _ => 1 };
        Option<ulong> seed = Shared.Seed();
        Option<string?> scheduleFile = new("--schedule") { Description = "Change settings during the run: a file with lines such as 600,precision=fp8-fp4,max-batch=128 (seconds, then knobs)." };
        Option<string?> traceOut = new("--trace-out") { Description = "Write what happened as a Chrome trace, for https://ui.perfetto.dev; compressed if the name ends in .gz." };
        Option<string?> requestsCsv = new("--requests-csv") { Description = "Write a row a request." };
        Option<string?> windowsCsv = new("--windows-csv") { Description = "Write a row a window of 10 s." };
        Option<string?> plots = new("--plots") { Description = "Draw pictures, one a question, into this folder." };
        Option<string?> json = Shared.Json();
        var command = new Command("simulate", "Run one fixed setting, or a schedule, over traffic.") { scenario, traffic, set, scheduleFile, scale, seed, traceOut, requestsCsv, windowsCsv, plots, json };
        command.SetAction((parsed, cancellation) =>
        {
            Shared.RequireWritableFile(parsed.GetValue(json));
            var files = new SimulationFiles(parsed.GetValue(traceOut), parsed.GetValue(requestsCsv), parsed.GetValue(windowsCsv), parsed.GetValue(plots));
            if (files.Any && parsed.GetValue(traffic)!.Length > 1)
                throw new UserErrorException($"--traffic names {parsed.GetValue(traffic)!.Length} traces; --trace-out, --requests-csv, --windows-csv and --plots are of one run: name one.");
            files.RequireWritable();
            EngineCostCache costs = Shared.Load(parsed.GetValue(scenario)!);
            KnobSettings settings = Settings(costs.Scenario, parsed.GetValue(set));
            KnobSchedule schedule = parsed.GetValue(scheduleFile) is { } path ? KnobScheduleFile.Read(path, costs.Scenario, settings) : KnobSchedule.Fixed(settings);
            double factor = RateScale(parsed.GetValue(scale));
            ulong runSeed = parsed.GetValue(seed);
            TrafficTrace[] traces = [.. Shared.LoadTraffic(parsed.GetValue(traffic)!, runSeed).Select(trace => trace.Scaled(factor, runSeed))];
            RequireWithin(schedule, traces, parsed.GetValue(scheduleFile));
            var runs = new List<SimulationRun>();
            foreach (TrafficTrace trace in traces)
                runs.Add(SimulationRun.Of(console, costs, trace, schedule, files, cancellation));
            EvaluationRow[] rows = [.. runs.Zip(traces, (run, trace) => EvaluationRow.Of(run.Result, trace.Name, runSeed))];
            console.WriteLine(KnobText.Write(costs.Scenario.Knobs, settings));
            ResultTable.Write(console, rows);
            console.WriteLine(Speed(runs));
            runs[0].Write(console, costs.Scenario, schedule, files);
            if (parsed.GetValue(json) is { } file)
                Shared.WriteFile(file, EvaluationJson.One(costs.Scenario.Name, factor, rows));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>How quickly it was simulated, in wall-clock time.</summary>
    private static string Speed(IReadOnlyList<SimulationRun> runs)
    {
        double seconds = Math.Max(1e-6, runs.Sum(run => run.Elapsed.TotalSeconds));
        int requests = runs.Sum(run => run.Result.Outcomes.Count);
        double steps = runs.Sum(run => (double)run.Result.EngineSteps);
        return FormattableString.Invariant($"{requests} requests in {seconds:0.00} s: {requests / seconds:N0} requests/s, {steps / seconds / 1e6:0.00} million engine steps/s");
    }

    private static void RequireWithin(KnobSchedule schedule, TrafficTrace[] traces, string? file)
    {
        if (schedule.Changes.Count == 0)
            return;
        double last = schedule.Changes[^1].Seconds;
        foreach (TrafficTrace trace in traces)
        {
            if (last > trace.DurationSeconds)
                throw new UserErrorException(FormattableString.Invariant($"{Path.GetFileName(file)}: a change at {last} s comes after the last arrival of {trace.Name} ({trace.DurationSeconds:0.#} s); expected one before it."));
        }
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
