namespace Tuner.Env.Cluster;

/// <summary>A time in which a replica stood still for a change of settings.</summary>
/// <param name="Replica">The replica's number, as in <see cref="ReplicaRecord"/>.</param>
/// <param name="StartSeconds">When it stopped, simulated seconds since the cluster's start.</param>
/// <param name="EndSeconds">When it went on.</param>
public readonly record struct PauseRecord(int Replica, double StartSeconds, double EndSeconds);
