namespace Tuner.Env.Traffic;

/// <summary>Finds traffic by what a person calls it: a trace file's path or a synthetic preset's name.</summary>
public static class TrafficCatalog
{
    /// <summary>Opens a file if there is one of that name, else the preset.</summary>
    /// <param name="name">A path or a preset's name.</param>
    /// <param name="seed">Seed of what is sampled: presets, ServeGen archives, session starts.</param>
    /// <param name="seconds">Length of a preset; null for its own.</param>
    /// <param name="rate">Mean requests a second of a preset; null for its own.</param>
    /// <exception cref="TrafficFormatException">Neither a file nor a preset, or a file of no known format.</exception>
    public static ITrafficSource Open(string name, ulong seed, double? seconds = null, double? rate = null)
    {
        if (File.Exists(name))
            return TrafficFiles.Open(name, seed);
        if (TrafficPresets.Names.Contains(name))
            return TrafficPresets.Open(name, seed, seconds, rate);
        throw new TrafficFormatException($"{name}: neither a file nor a preset; presets are {string.Join(", ", TrafficPresets.Names)}.");
    }
}
