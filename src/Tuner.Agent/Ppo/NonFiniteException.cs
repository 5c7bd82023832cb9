namespace Tuner.Agent.Ppo;

/// <summary>A number stopped being one: the message names the tensor, and training has not used it.</summary>
public sealed class NonFiniteException(string message) : Exception(message);
