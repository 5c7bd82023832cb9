namespace Tuner.Env.Cluster;

/// <summary>What can happen to a request.</summary>
public enum RequestEventKind
{
    /// <summary>It came to a replica's queue from outside: on arrival, or from another replica.</summary>
    Queued,

    /// <summary>It left the queue for a place in the batch, for the first time or again.</summary>
    Admitted,

    /// <summary>Its first token reached the client; once a request.</summary>
    FirstToken,

    /// <summary>It lost its place for want of KV blocks and is in the same replica's queue again.</summary>
    Preempted,

    /// <summary>It left a replica that changes, from its queue or its batch, to be queued elsewhere or turned away.</summary>
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
