namespace Tuner.Env.Cluster;

/// <summary>Several observers of one cluster, told everything in the order in which they are listed.</summary>
public sealed class ObserverGroup(params IReadOnlyList<IClusterObserver> observers) : IClusterObserver
{
    /// <inheritdoc/>
    public void Built(in ReplicaRecord replica)
    {
        foreach (IClusterObserver observer in observers)
            observer.Built(replica);
    }

    /// <inheritdoc/>
    public void Retired(int replica, double seconds)
    {
        foreach (IClusterObserver observer in observers)
            observer.Retired(replica, seconds);
    }

    /// <inheritdoc/>
    public void Changed(in ChangeRecord change)
    {
        foreach (IClusterObserver observer in observers)
            observer.Changed(change);
    }

    /// <inheritdoc/>
    public void Stepped(in StepRecord step)
    {
        foreach (IClusterObserver observer in observers)
            observer.Stepped(step);
    }

    /// <inheritdoc/>
    public void Happened(in RequestEvent happening)
    {
        foreach (IClusterObserver observer in observers)
            observer.Happened(happening);
    }

    /// <inheritdoc/>
    public void Paused(in PauseRecord pause)
    {
        foreach (IClusterObserver observer in observers)
            observer.Paused(pause);
    }
}
