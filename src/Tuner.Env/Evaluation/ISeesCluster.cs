using Tuner.Env.Cluster;

namespace Tuner.Env.Evaluation;

/// <summary>A policy that sees the cluster itself, not just its windows: only a simulation can grant that.</summary>
public interface ISeesCluster
{
    /// <summary>Shows the cluster a run is about to drive, after the policy was reset.</summary>
    /// <param name="cluster">The cluster; to be looked at and copied, not advanced.</param>
    /// <param name="fresh">Makes a cluster that this one can be copied into.</param>
    void Attach(ServingCluster cluster, Func<ServingCluster> fresh);
}
