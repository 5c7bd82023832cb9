using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation;

/// <summary>What <see cref="ClosedLoop"/> would measure, from ten step times instead of every step.</summary>
/// <remarks>
/// With n requests in flight a cycle serves each of them once. A request decodes for d = ⌈(output − 1) / acceptance length⌉ steps; M steps
/// of the cycle carry prompts, n · prompt / M tokens each, the others only decode. Between a request's last token and its successor's first
/// lie x mixed steps: its own and, where others are being served, the one it arrives in.
/// <code>
/// M     = prompts / token budget, and the steps that pass while clients return; at most n
/// TPOT  = ((M − x) · mixed + (d − M + x) · decode) / (output − 1)
/// TTFT  = what is left of the step it arrives in + its own steps
/// cycle = half the turnaround + TTFT + (output − 1) · TPOT, at least M · mixed (Little's law)
/// </code>
/// Where the last bound holds prompts are all the engine can do, and TTFT is what remains of the cycle. The first round, whose prompts
/// come at once, is averaged in as the benchmark does. The mean over the growing context is a two-point Gauss rule, exact where attention is
/// affine. It does not know which requests happen to stay in step with one another, which is what a benchmark's TTFT depends on most.
/// </remarks>
public static class SteadyState
{
    /// <summary>Evaluates a configuration. Allocates nothing.</summary>
    /// <param name="cost">The engine.</param>
    /// <param name="inFlight">Requests in flight, at least 1.</param>
    /// <param name="promptTokens">Prompt tokens of each, at least 1.</param>
    /// <param name="outputTokens">Output tokens of each, at least 1.</param>
    /// <param name="options">How the engine batches and how long the benchmark lasts.</param>
    public static ClosedLoopResult Evaluate(IEngineCost cost, int inFlight, int promptTokens, int outputTokens, ClosedLoopOptions options) =>
        new SteadyLoad(cost, Math.Min(inFlight, options.MaxSequences), promptTokens, outputTokens, options).Solve(inFlight);
}
