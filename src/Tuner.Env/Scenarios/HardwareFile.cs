using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

/// <summary>Reads and writes hardware profiles.</summary>
public static class HardwareFile
{
    internal static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.CamelCase),
            new NumberListConverter<int>(),
            new NumberListConverter<double>(),
            new ExpertLayoutConverter(),
        },
    };

    // A profile takes tens of milliseconds to read and never changes: scenarios that name the same one share it.
    private static readonly ConcurrentDictionary<string, HardwareProfile> Known = [];

    /// <summary>Reads a profile.</summary>
    /// <exception cref="JsonException">A key is missing or unknown, or a value has another type; the message says which in one sentence.</exception>
    public static HardwareProfile Parse(string json) => Known.GetOrAdd(json, static text =>
    {
        try
        {
            return JsonSerializer.Deserialize<HardwareProfile>(text, Format) ?? throw new JsonException("null found; expected an object in { }");
        }
        catch (JsonException broken) when (broken.LineNumber is not null)
        {
            throw new JsonException(JsonProblem.Describe(broken, typeof(HardwareProfile), JsonProblem.Parse(text, default)), broken);
        }
        catch (Exception wrong) when (wrong is FormatException or InvalidDataException or ArgumentException)
        {
            throw new JsonException($"A table of residuals is damaged: {wrong.Message.TrimEnd('.')}", wrong);
        }
    });

    /// <summary>Writes a profile as indented JSON.</summary>
    public static string Write(HardwareProfile profile) => JsonSerializer.Serialize(profile, Format);
}
