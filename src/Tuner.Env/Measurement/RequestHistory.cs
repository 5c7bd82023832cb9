using Tuner.Env.Cluster;

namespace Tuner.Env.Measurement;

/// <summary>What one request went through before it ended.</summary>
/// <param name="QueuedSeconds">Time it waited for a place in a batch, all its waits together.</param>
/// <param name="Preemptions">How often it lost its place.</param>
/// <param name="Replica">The replica it was on last; null if none took it.</param>
/// <param name="Ending">How it ended; null if it had not when the run did.</param>
public readonly record struct RequestHistory(double QueuedSeconds, int Preemptions, ReplicaRecord? Replica, RequestEventKind? Ending);
