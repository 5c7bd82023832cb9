using System.Text.Json.Serialization;
using Tuner.Policy.Hosting.Auditing;

namespace Tuner.Policy.Hosting;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(TunerState))]
[JsonSerializable(typeof(AuditHeader))]
[JsonSerializable(typeof(AuditDecision))]
[JsonSerializable(typeof(AuditOutcome))]
[JsonSerializable(typeof(AuditPrediction))]
[JsonSerializable(typeof(Safety.QualityAccount))]
internal sealed partial class HostingJson : JsonSerializerContext;
