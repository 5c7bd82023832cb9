using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Agent.Imitation;

/// <summary>A stretch of traffic, and what the teacher tries on it.</summary>
/// <param name="Costs">The cluster that serves it, and its prepared engines.</param>
/// <param name="Trace">The traffic, at the rate to be carried.</param>
/// <param name="Teacher">How far the teacher looks and what it tries.</param>
/// <param name="Starts">Settings a run through it may begin with.</param>
public sealed record Lesson(EngineCostCache Costs, TrafficTrace Trace, LookAheadOptions Teacher, IReadOnlyList<KnobSettings> Starts);
