using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation;

/// <summary>How a closed-loop benchmark is played.</summary>
/// <param name="TokenBudget">Most tokens of one step; 8192 is vLLM's and TensorRT-LLM's default on large GPUs.</param>
/// <param name="MaxSequences">Most sequences of one step.</param>
/// <param name="Rounds">Requests each place in flight serves before the benchmark ends.</param>
/// <param name="TurnaroundSeconds">Longest time a client takes between an answer and its next request.</param>
/// <param name="AcceptanceLength">Tokens a step yields a sequence under speculation.</param>
public sealed record ClosedLoopOptions(int TokenBudget = 8192, int MaxSequences = 1024, int Rounds = 8, double TurnaroundSeconds = 0.03, double AcceptanceLength = 1)
{
    /// <summary>Tokens aiconfigurator's deployments leave in a step beside one prompt and the sequences that decode.</summary>
    private const int DeploymentSlack = 1500;

    /// <summary>How the engine fills its steps.</summary>
    public EngineSchedule Schedule { get; init; } = EngineSchedule.Chunked;

    /// <summary>The process in front of the engine.</summary>
    public FrontEnd FrontEnd { get; init; } = FrontEnd.Instant;

    /// <summary>Tokens the KV cache of a replica holds.</summary>
    public long KvTokens { get; init; } = long.MaxValue;

    /// <summary>How much shorter requests may be: prompts and outputs are spread evenly over [1 − spread, 1] of their length. 0 to below 1.</summary>
    public double LengthSpread { get; init; }

    /// <summary>Share of a prompt found in the prefix cache from the second round on, 0 to below 1.</summary>
    public double CachedShare { get; init; }

    /// <summary>An engine deployed for one workload: a step has room for one prompt and the sequences that decode.</summary>
    /// <remarks>
    /// Engines that chunk prompts get 1500 tokens more, as aiconfigurator's generator deploys them (<c>rule_plugin/benchmark/vllm.rule</c>). It
    /// does so for TensorRT-LLM too, but the 353 benchmarks that were published show one prompt of 1024 tokens a step, not two.
    /// </remarks>
    /// <param name="engine">The engine.</param>
    /// <param name="inFlight">Requests in flight.</param>
    /// <param name="promptTokens">Prompt tokens of each.</param>
    public static ClosedLoopOptions For(EngineKernels engine, int inFlight, int promptTokens) =>
        new(TokenBudget: inFlight + promptTokens + (engine.Schedule.ChunksPrompts ? DeploymentSlack : 0)) { Schedule = engine.Schedule, FrontEnd = engine.FrontEnd };
}
