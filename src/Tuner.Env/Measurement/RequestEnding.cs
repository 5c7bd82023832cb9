namespace Tuner.Env.Measurement;

/// <summary>How a request ended.</summary>
public enum RequestEnding
{
    /// <summary>Served to its last token.</summary>
    Completed,

    /// <summary>Served until the client, who had read enough, broke it off.</summary>
    Cancelled,

    /// <summary>Given up by a client who had waited too long.</summary>
    TimedOut,

    /// <summary>Turned away: longer than the cluster serves.</summary>
    TooLong,

    /// <summary>Turned away: no replica's KV memory holds it.</summary>
    NoRoom,

    /// <summary>Turned away: too many were waiting.</summary>
    QueueFull,

    /// <summary>Still being served when the run ended.</summary>
    Unfinished,
}
