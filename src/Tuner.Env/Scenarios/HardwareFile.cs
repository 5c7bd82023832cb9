using System.Text.Json;
using System.Text.Json.Serialization;
using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

/// <summary>Reads and writes hardware profiles.</summary>
public static class HardwareFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Reads a profile.</summary>
    /// <exception cref="JsonException">A key is missing or unknown, or a value has another type.</exception>
    public static HardwareProfile Parse(string json) => JsonSerializer.Deserialize<HardwareProfile>(json, Format) ?? throw new JsonException("The profile is empty.");

    /// <summary>Writes a profile as indented JSON.</summary>
    public static string Write(HardwareProfile profile) => JsonSerializer.Serialize(profile, Format);
}
