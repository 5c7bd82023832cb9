using Tuner.Policy.Knobs;

namespace Tuner.Env.Scenarios;

/// <summary>Settings that change at stated times, whatever happens.</summary>
/// <param name="Start">The settings at the start.</param>
/// <param name="Changes">What follows, in order of time.</param>
public sealed record KnobSchedule(KnobSettings Start, IReadOnlyList<ScheduledChange> Changes)
{
    /// <summary>Settings that never change.</summary>
    public static KnobSchedule Fixed(in KnobSettings settings) => new(settings, []);
}
