using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Agent.Imitation;

/// <summary>A stretch of traffic and the settings that suit it.</summary>
/// <param name="Trace">The traffic, at the rate to be carried.</param>
/// <param name="Target">The settings to run it with.</param>
/// <param name="Starts">Settings a run through it may begin with.</param>
public sealed record Lesson(TrafficTrace Trace, KnobSettings Target, IReadOnlyList<KnobSettings> Starts);
