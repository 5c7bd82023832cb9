using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>What one layout can do in one context.</summary>
/// <param name="Scarce">Its best settings that the quality budget allows all day.</param>
/// <param name="ScarceValue">What they are worth, in promises kept.</param>
/// <param name="Plenty">Its best settings while quality is saved up: the same, or with lossy formats switched on.</param>
/// <param name="PlentyValue">What those are worth, quality paid.</param>
public readonly record struct ContextOption(KnobSettings Scarce, double ScarceValue, KnobSettings Plenty, double PlentyValue);
