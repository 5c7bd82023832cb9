using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Files;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner inspect</c>: what is in a policy or a hardware profile.</summary>
internal static class InspectCommand
{
    public static Command Create(IAnsiConsole console)
    {
        Argument<string> file = new("file") { Description = "A policy (*.tuner, or a shipped one by name with --rules) or a hardware profile (*.json)." };
        Option<bool> rules = new("--rules") { Description = "Show the policy as a small decision table, how faithful that is, and the five-row table beside it." };
        Option<string?> scenario = new("--scenario") { Description = "Where --rules runs the policy; by default the scenario it was trained on." };
        Option<string[]> traffic = Shared.Traffic(required: false);
        Option<ulong> seed = Shared.Seed();
        Option<string?> json = new("--json") { Description = "Also write what --rules found to this file, for machines." };
        var command = new Command("inspect", "Show what is in a policy or a hardware profile.") { file, rules, scenario, traffic, seed, json };
        command.SetAction((parsed, cancellation) =>
        {
            string path = parsed.GetValue(file)!;
            if (parsed.GetValue(rules))
            {
                PolicyRules.Run(console, ShippedPolicies.Load(path), parsed.GetValue(scenario), parsed.GetValue(traffic), parsed.GetValue(json), parsed.GetValue(seed), cancellation);
                return Task.FromResult(ExitCode.Ok);
            }

            if (parsed.GetValue(scenario) is not null || parsed.GetValue(json) is not null || parsed.GetValue(traffic) is { Length: > 0 })
                throw new UserErrorException("--scenario, --traffic and --json belong to --rules; expected --rules beside them.");
            if (!File.Exists(path))
                throw new UserErrorException($"{path}: no such file; expected a policy (*.tuner) or a hardware profile (*.json).");
            if (Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase))
                Profile(console, path);
            else
                Policy(console, PolicyFile.Load(path));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void Policy(IAnsiConsole console, PolicyFile policy)
    {
        PolicyManifest manifest = policy.Manifest;
        Table table = Rows();
        table.AddRow("scenario", Markup.Escape(manifest.Scenario)).AddRow("hardware", Markup.Escape(manifest.Hardware))
            .AddRow("traffic", Markup.Escape(string.Join(", ", manifest.Traffic)))
            .AddRow("mixed with", Markup.Escape(string.Join(", ", manifest.Mix)))
            .AddRow("kind", Markup.Escape(manifest.Kind))
            .AddRow("starts with", Markup.Escape(string.Join(" ", manifest.Start.Select(pair => $"{pair.Key}={pair.Value}"))))
            .AddRow("seed", manifest.Seed.ToString(CultureInfo.InvariantCulture)).AddRow("windows trained on", manifest.Steps.ToString("N0", CultureInfo.InvariantCulture))
            .AddRow("version", Markup.Escape(manifest.Version))
            .AddRow("observation", $"schema {policy.SchemaVersion}, {policy.Fields.Count} fields")
            .AddRow("heads", string.Join(", ", policy.HeadSizes))
            .AddRow("network", string.Join(" → ", policy.Network.Layers.Select(layer => layer.Inputs).Append(policy.Network.Outputs)));
        foreach ((string name, double score) in manifest.Scores)
            table.AddRow(Markup.Escape(name), score.ToString("0.###", CultureInfo.InvariantCulture));
        console.Write(table);
    }

    private static void Profile(IAnsiConsole console, string path)
    {
        try
        {
            HardwareProfile profile = HardwareFile.Parse(File.ReadAllText(path));
            Table table = Rows();
            table.AddRow("device", Markup.Escape(profile.Name)).AddRow("memory", $"{profile.MemoryBytes / 1e9:0} GB, {Rate(profile.MemoryBytesPerSecond, "B/s")}");
            foreach (EngineKernels engine in profile.Engines)
            {
                table.AddRow("engine", Markup.Escape($"{engine.Name} {engine.Version}"));
                foreach (GemmTerm term in engine.Gemm)
                    table.AddRow(Markup.Escape($"  {term.Precision}".ToLowerInvariant()), Markup.Escape($"{Rate(term.Roofline.FlopsPerSecond, "FLOP/s")}, {Rate(term.Roofline.BytesPerSecond, "B/s")} achieved ({term.Provenance.ToString().ToLowerInvariant()}: {term.Source})"));
                table.AddRow("  overheads", Markup.Escape(engine.Overheads.Source));
            }

            foreach (string source in profile.Sources)
                table.AddRow("source", Markup.Escape(source));
            console.Write(table);
        }
        catch (System.Text.Json.JsonException wrong)
        {
            throw new UserErrorException($"{path}: not a hardware profile: {wrong.Message}.");
        }
    }

    /// <summary>A rate in the unit that suits the device: a CPU reaches a fraction of a teraflop.</summary>
    private static string Rate(double value, string unit) => value < 1e12
        ? (value / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " G" + unit
        : (value / 1e12).ToString("0.0", CultureInfo.InvariantCulture) + " T" + unit;

    private static Table Rows() => new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
}
