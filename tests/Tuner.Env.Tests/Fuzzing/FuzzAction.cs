namespace Tuner.Env.Fuzzing;

/// <summary>A drawn action.</summary>
/// <param name="Gap">Seconds after the action before it.</param>
/// <param name="Heads">One value a head; what does not fit is taken back by the rules, as a policy's is.</param>
internal sealed record FuzzAction(double Gap, int[] Heads);
