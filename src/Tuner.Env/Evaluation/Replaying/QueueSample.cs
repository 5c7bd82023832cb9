namespace Tuner.Env.Evaluation.Replaying;

/// <summary>How many requests run and wait at an instant.</summary>
/// <param name="Seconds">When, since the first arrival.</param>
/// <param name="Running">Requests in the batch.</param>
/// <param name="Waiting">Requests in the queue.</param>
/// <param name="KvUse">Share of the KV cache in use, 0 to 1; null where nobody recorded it.</param>
public readonly record struct QueueSample(double Seconds, double Running, double Waiting, double? KvUse = null);
