using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.Foresight;

/// <summary>One step of a plan, and those before it.</summary>
/// <param name="Before">The step before; null for the first.</param>
/// <param name="Seconds">When it begins.</param>
/// <param name="Settings">Its settings.</param>
internal sealed record OracleStep(OracleStep? Before, double Seconds, KnobSettings Settings);
