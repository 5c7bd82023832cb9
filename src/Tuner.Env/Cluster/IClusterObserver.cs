namespace Tuner.Env.Cluster;

/// <summary>Sees what a simulated cluster does, as it happens. What it is told it cannot change: a watched run is the same run.</summary>
/// <remarks>
/// Calls come in order of time for each replica, but not across replicas, which live apart between arrivals. What clients see
/// (first and last tokens) may come a moment later than the step it belongs to.
/// </remarks>
public interface IClusterObserver
{
    /// <summary>A replica begins to exist: each one when watching begins, then each new one before anything happens on it.</summary>
    void Built(in ReplicaRecord replica);

    /// <summary>A replica is no more: every request on it has ended or moved before.</summary>
    /// <param name="replica">Its number.</param>
    /// <param name="seconds">When, simulated seconds since the cluster's start.</param>
    void Retired(int replica, double seconds);

    /// <summary>Settings change; called before anything the change causes.</summary>
    void Changed(in ChangeRecord change);

    /// <summary>A step with prompts, or a run of steps that only decode, has ended.</summary>
    void Stepped(in StepRecord step);

    /// <summary>Something happened to a request.</summary>
    void Happened(in RequestEvent happening);

    /// <summary>A replica stood still for a change of settings. A long pause may come in pieces, each beginning where the last ended.</summary>
    void Paused(in PauseRecord pause);
}
