using System.Text.Json.Serialization;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting.Auditing;

/// <summary>One line of the audit log: one window and what came of it.</summary>
internal sealed record AuditDecision
{
    [JsonPropertyOrder(-1)]
    public string Kind { get; } = "decision";

    /// <summary>Process start and window, unique in a folder; outcomes refer to it.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public TunerMode Mode { get; init; }

    /// <summary>Which policy decided: scenario, seed and kind from its manifest.</summary>
    public string? Policy { get; init; }

    public required string Verdict { get; init; }

    public string? Reason { get; init; }

    public WindowMetrics? Window { get; init; }

    public double? TelemetryAgeSeconds { get; init; }

    /// <summary>Fields of the observation that the engine does not tell; what the window says there means nothing.</summary>
    public IReadOnlyList<string>? Untold { get; init; }

    /// <summary>Normalised, as the network saw it.</summary>
    public float[]? Observation { get; init; }

    /// <summary>Standard deviations of the farthest traffic field from training.</summary>
    public double? Distance { get; init; }

    /// <summary>Values that could not be chosen, as <c>Knob=value</c>.</summary>
    public IReadOnlyList<string>? Masked { get; init; }

    /// <summary>Settings before.</summary>
    public KnobSettings? Current { get; init; }

    /// <summary>What the policy wants.</summary>
    public KnobSettings? Choice { get; init; }

    public double? Probability { get; init; }

    /// <summary>What the guard let through.</summary>
    public KnobSettings? Permitted { get; init; }

    /// <summary>What the engine says it runs with afterwards; absent when that is not known.</summary>
    public KnobSettings? Applied { get; init; }
}
