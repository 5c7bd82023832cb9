namespace Tuner.Env;

/// <summary>What a step returned beside the observation.</summary>
/// <param name="Reward">The reward; finite.</param>
/// <param name="Terminated">The task ended: the value of what follows is 0.</param>
/// <param name="Truncated">The episode was cut, the task goes on: bootstrap from the last observation.</param>
public readonly record struct StepResult(float Reward, bool Terminated, bool Truncated);
