using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tuner.Env.Scenarios;
using Tuner.Policy.Files;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner inspect</c>: what is in a policy or a hardware profile.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string> file = new("file") { Description = "A policy (*.tuner) or a hardware profile (*.json)." };
        var command = new Command("inspect", "Show what is in a policy or a hardware profile.") { file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            if (!File.Exists(path))
                throw new UserErrorException($"{path}: no such file; expected a policy (*.tuner) or a hardware profile (*.json).");
            if (Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase))
                Profile(path);
            else
                Policy(PolicyFile.Load(path));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Policy(PolicyFile policy)
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
        AnsiConsole.Write(table);
    }

    private static void Profile(string path)
    {
        try
        {
            Tuner.Env.Costs.HardwareProfile profile = HardwareFile.Parse(File.ReadAllText(path));
            Table table = Rows();
            table.AddRow("GPU", Markup.Escape(profile.Name)).AddRow("memory", $"{profile.MemoryBytes / 1e9:0} GB")
                .AddRow("bf16 / fp8 / fp4", $"{profile.Bf16.FlopsPerSecond / 1e12:0} / {profile.Fp8.FlopsPerSecond / 1e12:0} / {profile.Fp4.FlopsPerSecond / 1e12:0} TFLOP/s achieved");
            foreach (string source in profile.Sources.Prepend(profile.Attention.Source).Prepend(profile.Fp4.Source).Prepend(profile.Fp8.Source).Prepend(profile.Bf16.Source).Distinct())
                table.AddRow("source", Markup.Escape(source));
            AnsiConsole.Write(table);
        }
        catch (System.Text.Json.JsonException wrong)
        {
            throw new UserErrorException($"{path}: not a hardware profile: {wrong.Message}");
        }
    }

    private static Table Rows() => new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
}
