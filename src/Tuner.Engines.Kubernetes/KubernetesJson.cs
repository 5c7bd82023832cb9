using System.Text.Json.Serialization;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Kubernetes;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(KnobSettings))]
[JsonSerializable(typeof(DeploymentPatch))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
