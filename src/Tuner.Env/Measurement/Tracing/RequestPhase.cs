namespace Tuner.Env.Measurement.Tracing;

/// <summary>Where a request in flight is.</summary>
internal enum RequestPhase
{
    /// <summary>On its way from one replica to another.</summary>
    Between,

    /// <summary>In a replica's queue.</summary>
    Queued,

    /// <summary>In the batch, before its first token.</summary>
    Prefill,

    /// <summary>In the batch, after its first token.</summary>
    Decoding,

    /// <summary>In the batch again after it lost its place: what was lost is computed or copied back, then it decodes.</summary>
    Resumed,
}
