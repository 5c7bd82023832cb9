namespace Tuner.Env.Measurement.Tracing;

/// <summary>A request in flight, as far as a trace must remember it.</summary>
/// <param name="Track">The replica it is on, or was on last.</param>
/// <param name="Phase">Where it is.</param>
/// <param name="HasFirstToken">Whether its first token has come.</param>
/// <param name="LastMicros">When something last happened to it on its replica, microseconds.</param>
internal readonly record struct RequestSpan(ReplicaTrack Track, RequestPhase Phase, bool HasFirstToken, long LastMicros);
