namespace Tuner.Env.Measurement.Tracing;

/// <summary>What a trace remembers of a replica between its events.</summary>
internal sealed class ReplicaTrack(int process, long sinceMicros)
{
    /// <summary>Its process in the file; its engine steps are the thread of that number.</summary>
    public int Process { get; } = process;

    /// <summary>From when on it has the process to itself, microseconds.</summary>
    public long SinceMicros { get; } = sinceMicros;

    public int Waiting { get; set; }

    public int Running { get; set; }

    /// <summary>When the requests were last counted, microseconds.</summary>
    public long CountedMicros { get; set; } = sinceMicros;

    /// <summary>Whether that count is still to be written: several events of one instant make one sample.</summary>
    public bool Pending { get; set; }

    /// <summary>KV use last written, tenths of a percent; −1 before the first.</summary>
    public int KvPermille { get; set; } = -1;

    /// <summary>The pause not yet written, microseconds; of no length when there is none.</summary>
    public (long Start, long End) Pause { get; set; }
}
