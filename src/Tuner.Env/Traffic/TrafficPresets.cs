using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tuner.Env.Traffic;

/// <summary>Synthetic traffic by name. The presets are the files of <c>configs/traffic</c>, built into the library.</summary>
public static class TrafficPresets
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The presets there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["conversation", "code", "long-context", "reasoning", "mixed-day"];

    /// <summary>Opens a preset.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="seed">The same seed gives the same requests.</param>
    /// <param name="seconds">Length of the traffic; by default the preset's own. The load curve starts over when it ends.</param>
    /// <param name="rate">Mean requests a second over a whole cycle of the load curve; by default the preset's own.</param>
    /// <exception cref="ArgumentException">There is no such preset.</exception>
    public static SyntheticTraffic Open(string name, ulong seed, double? seconds = null, double? rate = null)
        => new(name, Load(name), seed, seconds, rate);

    internal static TrafficPreset Load(string name)
    {
        if (!Names.Contains(name))
            throw new ArgumentException($"There is no traffic preset \"{name}\"; expected one of {string.Join(", ", Names)}.", nameof(name));
        using Stream stream = typeof(TrafficPresets).Assembly.GetManifestResourceStream($"configs/traffic/{name}.json")
            ?? throw new InvalidOperationException($"configs/traffic/{name}.json is not built into the library.");
        return JsonSerializer.Deserialize<TrafficPreset>(stream, Json)!;
    }
}
