using System.Text.Json.Serialization;
using Tuner.Engines.Processes;

namespace Tuner.Engines;

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EngineSettings))]
[JsonSerializable(typeof(EngineProcessRecord))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(string))]
internal sealed partial class EngineJson : JsonSerializerContext;
