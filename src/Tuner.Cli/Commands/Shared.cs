using System.CommandLine;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands;

/// <summary>Options several verbs share, and how their values are loaded.</summary>
internal static class Shared
{
    /// <summary>Longest part of a trace that is replayed, seconds.</summary>
    public const double MaxTraceSeconds = 7200;

    public static Option<string> Scenario() => new("--scenario") { Description = "A scenario file, or a shipped one by name (llama70b-8xb200, ...).", Required = true };

    public static Option<string[]> Traffic(bool required = true)
    {
        var option = new Option<string[]>("--traffic") { Description = "Trace files or synthetic presets, also under a seed of their own: mixed-day@1001.", Required = required, AllowMultipleArgumentsPerToken = true };

        // An option that takes several values would swallow a misspelt option after it.
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } stray)
                result.AddError($"Unrecognized option '{stray.Value}'.");
        });
        return option;
    }

    public static Option<ulong> Seed() => new("--seed") { Description = "Same seed, same run.", DefaultValueFactory = _ => 1 };

    public static Option<string?> Json() => new("--json") { Description = "Also write the result to this file, for machines." };

    public static EngineCostCache Load(string scenario)
    {
        Scenario loaded = ScenarioFile.Load(scenario);
        return new EngineCostCache(loaded);
    }

    /// <summary>Loads traces, two hours of each at most: ServeGen's archives hold days at hundreds of requests a second.</summary>
    public static TrafficTrace[] LoadTraffic(IEnumerable<string> names, ulong seed)
        => [.. names.Select(name => TrafficTrace.Load(TrafficCatalog.Open(name, seed), MaxTraceSeconds))];

    /// <summary>Makes a folder and proves that it can be written to, before any work is done.</summary>
    public static void RequireWritableFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string probe = Path.Combine(folder, $".tuner-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserErrorException($"{folder}: cannot be written to ({wrong.Message.TrimEnd('.')}); name another folder.");
        }
    }

    /// <summary>Writes a file whole or not at all.</summary>
    public static void WriteFile(string path, string text)
    {
        try
        {
            string temporary = $"{path}.{Environment.ProcessId}.tmp";
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: cannot be written ({wrong.Message.TrimEnd('.')}); name another file.");
        }
    }

    public static void RequireWritableFile(string? path)
    {
        if (path is not null)
            RequireWritableFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
