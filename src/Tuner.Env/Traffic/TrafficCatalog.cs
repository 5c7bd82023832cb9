using System.Globalization;

namespace Tuner.Env.Traffic;

/// <summary>Finds traffic by what a person calls it: a trace file's path, a synthetic preset's name, or <c>preset@seed</c> for a preset under a seed of its own.</summary>
public static class TrafficCatalog
{
    /// <summary>Opens a file if there is one of that name, else the preset.</summary>
    /// <param name="name">A path, a preset's name, or preset@seed.</param>
    /// <param name="seed">Seed of what is sampled where the name states none: presets, ServeGen archives, session starts.</param>
    /// <param name="seconds">Length of a preset; null for its own.</param>
    /// <param name="rate">Mean requests a second of a preset; null for its own.</param>
    /// <exception cref="TrafficFormatException">Neither a file nor a preset, or a file of no known format.</exception>
    public static ITrafficSource Open(string name, ulong seed, double? seconds = null, double? rate = null)
    {
        if (File.Exists(name))
            return TrafficFiles.Open(name, seed);
        if (TrafficPresets.Names.Contains(name))
            return TrafficPresets.Open(name, seed, seconds, rate);
        if (Seeded(name) is not { } preset)
            throw new TrafficFormatException($"{name}: neither a file nor a preset; presets are {string.Join(", ", TrafficPresets.Names)}, each also as preset@seed.");
        return new SyntheticTraffic(preset, TrafficPresets.Load(preset), SeedOf(name, preset), seconds, rate, name);
    }

    /// <summary>Whether <see cref="Open"/> finds traffic of that name here.</summary>
    public static bool Has(string name) => File.Exists(name) || PresetOf(name) is not null;

    /// <summary>The preset behind the name of a trace, with or without a seed; null for a file.</summary>
    public static string? PresetOf(string name) => TrafficPresets.Names.Contains(name) ? name : Seeded(name);

    private static string? Seeded(string name) => TrafficPresets.Names.FirstOrDefault(preset => name.StartsWith($"{preset}@", StringComparison.Ordinal));

    private static ulong SeedOf(string name, string preset)
    {
        string text = name[(preset.Length + 1)..];
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : throw new TrafficFormatException($"{name}: seed \"{text}\" found; a whole number from 0 was expected, as in {preset}@1001.");
    }
}
