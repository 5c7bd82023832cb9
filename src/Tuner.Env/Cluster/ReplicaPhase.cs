namespace Tuner.Env.Cluster;

/// <summary>What a replica is doing until its next event.</summary>
internal enum ReplicaPhase
{
    /// <summary>Nothing to do.</summary>
    Idle,

    /// <summary>Waiting for company, or for KV on its way from host memory.</summary>
    Waiting,

    /// <summary>Stopped while settings change.</summary>
    Paused,

    /// <summary>One step with prompt chunks in it.</summary>
    Mixed,

    /// <summary>A run of steps that only decode.</summary>
    Decoding,
}
