using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation.Sweeping;

/// <summary>One configuration and what it is predicted to do.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="InFlight">Requests in flight.</param>
/// <param name="PromptTokens">Prompt tokens of each.</param>
/// <param name="OutputTokens">Output tokens of each.</param>
/// <param name="Result">The benchmark's figures.</param>
public readonly record struct SweepPoint(EngineSpec Engine, int InFlight, int PromptTokens, int OutputTokens, ClosedLoopResult Result)
{
    /// <summary>Output tokens a second and GPU.</summary>
    public double OutputTokensPerSecondAndGpu => Result.OutputTokensPerSecond / Engine.Gpus;
}
