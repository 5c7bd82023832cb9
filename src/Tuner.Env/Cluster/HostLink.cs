using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>The link of a replica's GPUs to host memory: copies queue, one after another.</summary>
internal struct HostLink
{
    /// <summary>When the copies asked for so far are done.</summary>
    public double FreeSeconds { get; private set; }

    /// <summary>Asks for a copy.</summary>
    /// <param name="settings">The link's speed and the size of a block.</param>
    /// <param name="kvBlocks">KV blocks to copy.</param>
    /// <param name="now">When it is asked for.</param>
    /// <returns>How long it takes and when it is done.</returns>
    public (double Seconds, double Done) Copy(ReplicaSettings settings, int kvBlocks, double now)
    {
        double seconds = settings.HostLink.Seconds(kvBlocks, MemoryPlan.BlockTokens * settings.KvBytesPerToken);
        FreeSeconds = Math.Max(FreeSeconds, now) + seconds;
        return (seconds, FreeSeconds);
    }
}
