namespace Tuner.Policy.Hosting;

/// <summary>Where the loop leaves word of itself.</summary>
public sealed class TunerMonitor
{
    private volatile TunerStatus status = new();

    /// <summary>How the loop stands; safe to read from any thread.</summary>
    public TunerStatus Status
    {
        get => status;
        internal set => status = value;
    }
}
