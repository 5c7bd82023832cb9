using System.Text.Json.Serialization;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting.Auditing;

/// <summary>One line of the audit log: the window after a decision.</summary>
/// <param name="Id">The decision.</param>
/// <param name="At">When it was read.</param>
/// <param name="Window">The window.</param>
/// <param name="Predicted">What the decision was predicted to do; null where no prediction was made in time.</param>
internal sealed record AuditOutcome(string Id, DateTimeOffset At, WindowMetrics Window, PredictedEffect? Predicted)
{
    [JsonPropertyOrder(-1)]
    public string Kind { get; } = "outcome";
}
