using Tuner.Env.Scenarios;

namespace Tuner.Env.Cluster;

/// <summary>Where a replica of a layout stands.</summary>
/// <param name="Number">Its number within the layout, from 0.</param>
/// <param name="FirstGpu">The first of its GPUs.</param>
/// <param name="Pool">Its pool.</param>
internal readonly record struct ReplicaPlace(int Number, int FirstGpu, PoolSpec Pool)
{
    /// <summary>The GPU after its last.</summary>
    public int EndGpu => FirstGpu + Pool.GpusPerReplica;

    /// <summary>Whether a replica of the same shape stands here, so that it need not be built anew.</summary>
    public bool IsWhere(Replica replica)
        => FirstGpu == replica.FirstGpu && Pool.TensorParallel == replica.Pool.TensorParallel && Pool.PipelineParallel == replica.Pool.PipelineParallel
            && Pool.DataParallel == replica.Pool.DataParallel && Pool.ExpertParallel == replica.Pool.ExpertParallel;

    /// <summary>The places of a layout, GPU after GPU.</summary>
    public static List<ReplicaPlace> Of(LayoutSpec layout)
    {
        var places = new List<ReplicaPlace>();
        int gpu = 0;
        foreach (PoolSpec pool in layout.Pools)
        {
            for (int i = 0; i < pool.Replicas; i++)
            {
                places.Add(new ReplicaPlace(places.Count, gpu, pool));
                gpu += pool.GpusPerReplica;
            }
        }

        return places;
    }
}
