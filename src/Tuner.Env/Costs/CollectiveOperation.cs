namespace Tuner.Env.Costs;

/// <summary>A communication pattern between devices.</summary>
public enum CollectiveOperation
{
    /// <summary>Sum over devices, result everywhere; an engine's own kernel.</summary>
    AllReduce,

    /// <summary>The same through NCCL.</summary>
    NcclAllReduce,

    /// <summary>Every device's part, concatenated everywhere.</summary>
    AllGather,

    /// <summary>Sum over devices, each keeps a part.</summary>
    ReduceScatter,

    /// <summary>Every device sends a part to every other.</summary>
    AllToAll,

    /// <summary>One device sends to one other.</summary>
    PointToPoint,
}
