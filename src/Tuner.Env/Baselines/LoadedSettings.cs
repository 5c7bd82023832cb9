using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>A fixed setting and the load it carries.</summary>
/// <param name="Settings">The setting.</param>
/// <param name="Load">The largest multiple of the trace's rate it sustains.</param>
public sealed record LoadedSettings(KnobSettings Settings, double Load);
