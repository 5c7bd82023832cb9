using System.IO.Compression;
using System.Text.Json;
using Tuner.Kernels.Launching.Recorded;

namespace Tuner.Bench;

/// <summary>Turns a cache file of Kernel Tuner (exhaustive search, JSON, gzipped or not) into recorded launches.</summary>
internal static class KernelTunerImport
{
    /// <summary>Repetitions kept of each configuration.</summary>
    private const int Kept = 4;

    /// <summary>Imports.</summary>
    /// <param name="cache">The cache file.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="origin">Lines that say where it comes from: <c>kernel=…</c>, <c>source=…</c>, <c>commit=…</c>, <c>licence=…</c>.</param>
    /// <param name="registers">A JSON file that maps a configuration's key to its registers and shared bytes; null without one.</param>
    public static int Run(string cache, string output, IReadOnlyList<string> origin, string? registers)
    {
        using FileStream file = File.OpenRead(cache);
        using Stream text = cache.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using JsonDocument document = JsonDocument.Parse(text);
        using JsonDocument? counts = registers is null ? null : JsonDocument.Parse(File.ReadAllText(registers));
        JsonElement root = document.RootElement;
        string[] names = [.. root.GetProperty("tune_params_keys").EnumerateArray().Select(name => name.GetString()!)];

        // A parameter with one value chooses nothing, except where the kernel's work is counted from it.
        int[] kept = [.. Enumerable.Range(0, names.Length).Where(i => root.GetProperty("tune_params").GetProperty(names[i]).GetArrayLength() > 1 || names[i] == "KWG")];
        var rows = new List<int[]>();
        var seconds = new List<double[]>();
        var perThread = new List<int>();
        foreach (JsonProperty entry in root.GetProperty("cache").EnumerateObject())
        {
            rows.Add([.. kept.Select(i => entry.Value.GetProperty(names[i]).GetInt32())]);
            seconds.Add(Repetitions(entry.Value));
            if (counts is not null)
                perThread.Add(counts.RootElement.GetProperty(entry.Name)[0].GetInt32());
        }

        Dictionary<string, string> lines = origin.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        lines["gpu"] = root.GetProperty("device_name").GetString()!;
        lines["problem"] = string.Concat(root.GetProperty("problem_size").GetRawText().Where(letter => !char.IsWhiteSpace(letter)));
        RecordedLaunches.Of(lines, [.. kept.Select(i => names[i])], rows, counts is null ? null : [.. perThread], [.. seconds]).Save(output);
        Console.WriteLine($"{output}: {rows.Count} configurations, {seconds.Count(times => times.Length == 0)} could not run, {new FileInfo(output).Length} bytes");
        return 0;
    }

    /// <summary>Milliseconds spread over the recorded ones; the first is left out, since it warms up.</summary>
    private static double[] Repetitions(JsonElement configuration)
    {
        if (configuration.GetProperty("time").ValueKind != JsonValueKind.Number || !configuration.TryGetProperty("times", out JsonElement times))
            return [];
        double[] all = [.. times.EnumerateArray().Select(time => 1e-3 * time.GetDouble())];
        return [.. Enumerable.Range(0, Kept).Select(i => all[1 + (i * (all.Length - 1) / Kept)])];
    }
}
