using System.Text.Json.Serialization;

namespace Tuner.Policy.Hosting.Auditing;

/// <summary>One line of the audit log: what a decision was predicted to do.</summary>
/// <param name="Id">The decision.</param>
/// <param name="At">When it was written down.</param>
/// <param name="Effect">The prediction.</param>
internal sealed record AuditPrediction(string Id, DateTimeOffset At, PredictedEffect Effect)
{
    [JsonPropertyOrder(-1)]
    public string Kind { get; } = "prediction";
}
