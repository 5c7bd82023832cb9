using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace GatewaySample;

/// <summary>The cluster behind this gateway: Llama 3.1 70B on eight B200, as the shipped policy was trained for it.</summary>
internal static class Cluster
{
    /// <summary>What the policy's moves mean and what was promised: ladders, drafts and objective of the scenario llama70b-8xb200.</summary>
    public static ServingContract Contract { get; } = new()
    {
        BatchLadder = [new(16, 512), new(32, 512), new(64, 1024), new(96, 1024), new(128, 2048), new(192, 2048), new(256, 2048), new(384, 4096)],
        BatchWaitLadder = [0, 0.01, 0.025, 0.05],
        Drafts = ["llama-3.2-1b", "llama-3.1-8b"],
        Objective = new ServiceObjective(TtftSeconds: 0.5, TtftSecondsPerPromptToken: 0.00025, TpotSeconds: 0.025),
        QualityBudget = 0.2,
        Fp4Loss = 0.5,
        KvCompressionLoss = 0.3,
    };

    /// <summary>What the engine runs with; say what yours does.</summary>
    public static KnobSettings Settings { get; } = new(
        ParallelismMode.Single, PrecisionMode.Fp8, MaxBatchLevel: 2, BatchWaitLevel: 0, KvCompression: false, Speculation: false, DraftLevel: 0, KvPrefetch: false);
}
