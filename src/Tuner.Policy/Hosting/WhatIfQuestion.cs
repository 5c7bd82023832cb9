using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>What a prediction is asked about.</summary>
/// <param name="Windows">The last windows, newest last: 1 to <see cref="MostWindows"/>, all served with <paramref name="Current"/>.</param>
/// <param name="Current">What the engine runs with.</param>
/// <param name="Proposed">What it might run with instead.</param>
/// <param name="Contract">What rungs and drafts the settings' numbers mean, and what was promised.</param>
public sealed record WhatIfQuestion(IReadOnlyList<WindowMetrics> Windows, KnobSettings Current, KnobSettings Proposed, ServingContract Contract)
{
    /// <summary>Most windows a question carries: a minute of ten-second ones.</summary>
    public const int MostWindows = 6;
}
