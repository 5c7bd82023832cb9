namespace Tuner.Kernels.Swapping;

/// <summary>What happened to an operation's kernels.</summary>
public enum AuditKind
{
    /// <summary>An operation got its first kernel.</summary>
    Registered,

    /// <summary>A candidate began its trial.</summary>
    Proposed,

    /// <summary>A candidate began to serve a share of the calls.</summary>
    Canary,

    /// <summary>A candidate serves all calls.</summary>
    Promoted,

    /// <summary>A promoted kernel passed its probation.</summary>
    Settled,

    /// <summary>A candidate lost its place.</summary>
    RolledBack,

    /// <summary>A kernel was swapped in without a trial.</summary>
    Swapped,

    /// <summary>No step can reach a version any more; its kernel was let go.</summary>
    Retired,

    /// <summary>A quarantined kernel may be proposed again.</summary>
    Released,
}
