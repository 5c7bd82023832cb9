namespace Tuner.Env.Cluster;

/// <summary>A run of GPUs whose replicas change together: none of theirs, before or after, reaches beyond it.</summary>
/// <param name="FirstGpu">Its first GPU.</param>
/// <param name="EndGpu">The GPU after its last.</param>
/// <param name="Rebuilds">Whether its replicas are built anew; else each is reconfigured.</param>
internal readonly record struct ReplicaGroup(int FirstGpu, int EndGpu, bool Rebuilds)
{
    /// <summary>Whether a replica stands on its GPUs.</summary>
    public bool Holds(Replica replica) => replica.FirstGpu >= FirstGpu && replica.FirstGpu < EndGpu;
}
