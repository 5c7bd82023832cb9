using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy;

/// <summary>Keeps one setting whatever the traffic does: what an operator without Tuner runs.</summary>
/// <param name="name">The name reports use.</param>
/// <param name="settings">The settings to hold.</param>
public sealed class FixedPolicy(string name, KnobSettings settings) : ITuningPolicy
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>The settings this policy holds.</summary>
    public KnobSettings Settings { get; } = settings;

    /// <inheritdoc/>
    public void Reset()
    {
    }

    /// <inheritdoc/>
    public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask) => Settings;
}
