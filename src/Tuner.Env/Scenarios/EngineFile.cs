using System.Text.Json;
using Tuner.Env.Costs;

namespace Tuner.Env.Scenarios;

/// <summary>Reads and writes what engines add to kernels: <c>configs/engines/*.json</c>.</summary>
public static class EngineFile
{
    /// <summary>The engines that ship, by name.</summary>
    public static IReadOnlyList<EngineBehaviour> Shipped { get; } = [.. ShippedConfig.Names("engines").Select(name => Parse(ShippedConfig.Read("engines", name)!))];

    /// <summary>Reads an engine.</summary>
    /// <exception cref="JsonException">A key is missing or unknown, or a value has another type; the message says which in one sentence.</exception>
    public static EngineBehaviour Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<EngineBehaviour>(json, HardwareFile.Format) ?? throw new JsonException("null found; expected an object in { }");
        }
        catch (JsonException broken) when (broken.LineNumber is not null)
        {
            throw new JsonException(JsonProblem.Describe(broken, typeof(EngineBehaviour), JsonProblem.Parse(json, default)), broken);
        }
    }

    /// <summary>Writes an engine as indented JSON.</summary>
    public static string Write(EngineBehaviour engine) => JsonSerializer.Serialize(engine, HardwareFile.Format);
}
