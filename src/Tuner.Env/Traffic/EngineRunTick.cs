namespace Tuner.Env.Traffic;

/// <summary>What a real engine's statistics said at one instant.</summary>
/// <param name="Seconds">When, on the statistics' own clock.</param>
/// <param name="Running">Requests in the batch, over all engines.</param>
/// <param name="Waiting">Requests in the queue.</param>
/// <param name="KvUse">Share of the KV cache in use, 0 to 1.</param>
public readonly record struct EngineRunTick(double Seconds, int Running, int Waiting, double KvUse);
