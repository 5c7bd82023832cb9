using Tuner.Policy.Knobs;

namespace GatewaySample;

/// <summary>The cluster behind this gateway: Llama 3.1 70B on eight B200, as the shipped policy was trained for it.</summary>
internal static class Cluster
{
    /// <summary>What the engine runs with; say what yours does.</summary>
    public static KnobSettings Settings { get; } = new(
        ParallelismMode.Single, PrecisionMode.Fp8, MaxBatchLevel: 2, BatchWaitLevel: 0, KvCompression: false, Speculation: false, DraftLevel: 0, KvPrefetch: false);
}
