namespace Tuner.Env.Cluster;

/// <summary>A time in which a replica stood still for a change of settings.</summary>
/// <param name="Replica">The replica, numbered within its layout from 0.</param>
/// <param name="StartSeconds">When it stopped, simulated seconds since the cluster's start.</param>
/// <param name="EndSeconds">When it went on.</param>
public readonly record struct PauseRecord(int Replica, double StartSeconds, double EndSeconds);
