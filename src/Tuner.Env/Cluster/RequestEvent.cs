namespace Tuner.Env.Cluster;

/// <summary>Something that happened to a request.</summary>
/// <param name="Kind">What.</param>
/// <param name="Request">Its index in the trace.</param>
/// <param name="Replica">The number of the replica it happened on, as in <see cref="ReplicaRecord"/>; −1 when none was involved.</param>
/// <param name="Seconds">When, simulated seconds since the cluster's start.</param>
public readonly record struct RequestEvent(RequestEventKind Kind, int Request, int Replica, double Seconds);
