using System.Text.Json.Serialization;

namespace Tuner.Policy.Files;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PolicyHeader))]
internal sealed partial class PolicyHeaderJson : JsonSerializerContext;
