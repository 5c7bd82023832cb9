namespace Tuner.Env.Cluster;

/// <summary>What can happen to a request.</summary>
public enum RequestEventKind
{
    /// <summary>It came to a replica's queue.</summary>
    Queued,

    /// <summary>It got a place in the batch.</summary>
    Admitted,

    /// <summary>Its first token reached the client.</summary>
    FirstToken,

    /// <summary>It lost its place for want of KV blocks.</summary>
    Preempted,

    /// <summary>It left a replica that changes, to be queued elsewhere.</summary>
    Moved,

    /// <summary>Its last token reached the client.</summary>
    Completed,

    /// <summary>The client broke it off.</summary>
    Cancelled,

    /// <summary>The client ran out of patience.</summary>
    TimedOut,

    /// <summary>It was turned away.</summary>
    Refused,
}
