namespace Tuner.Agent.Ppo;

/// <summary>Everything an update changes: the parameters and Adam's moments and step count.</summary>
internal sealed record LearnerState(float[] Parameters, float[] First, float[] Second, long Steps);
