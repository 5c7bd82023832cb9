using Tuner.Env.Baselines;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Agent.Imitation;

/// <summary>A stretch of traffic and a teacher for it.</summary>
/// <param name="Trace">The traffic, at the rate to be carried.</param>
/// <param name="Teacher">Knows what suits it.</param>
/// <param name="Starts">Settings a run through it may begin with.</param>
public sealed record Lesson(TrafficTrace Trace, ContextTeacher Teacher, IReadOnlyList<KnobSettings> Starts);
