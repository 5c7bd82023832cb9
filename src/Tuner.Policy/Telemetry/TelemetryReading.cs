namespace Tuner.Policy.Telemetry;

/// <summary>The latest window an engine could tell of.</summary>
/// <param name="Window">What it looked like.</param>
/// <param name="Age">Time since it ended.</param>
public sealed record TelemetryReading(WindowMetrics Window, TimeSpan Age)
{
    /// <summary>
    /// Fields of the observation that this engine does not report, by the names of
    /// <see cref="Observations.ObservationSchema.FieldNames"/>: the policy sees their training mean instead of a zero.
    /// </summary>
    public IReadOnlyList<string> Untold { get; init; } = [];
}
