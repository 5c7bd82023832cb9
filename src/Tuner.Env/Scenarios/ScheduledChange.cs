using Tuner.Policy.Knobs;

namespace Tuner.Env.Scenarios;

/// <summary>Settings that apply from an instant on.</summary>
/// <param name="Seconds">From when, seconds after the start of the run.</param>
/// <param name="Settings">All settings, those that do not change included.</param>
public sealed record ScheduledChange(double Seconds, KnobSettings Settings);
