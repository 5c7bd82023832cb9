namespace Tuner.Env.Evaluation.Replaying;

/// <summary>How many requests run and wait at an instant.</summary>
/// <param name="Seconds">When, since the first arrival.</param>
/// <param name="Running">Requests in the batch.</param>
/// <param name="Waiting">Requests in the queue.</param>
public readonly record struct QueueSample(double Seconds, double Running, double Waiting);
