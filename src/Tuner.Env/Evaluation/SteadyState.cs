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
/// come at once, is averaged in as the benchmark does. Where the process in front of the engine is slower than the engine, it sets the pace. The mean over the growing context is a two-point Gauss rule, exact where attention is
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
        Evaluate(cost, inFlight, promptTokens, outputTokens, options, options.AcceptanceLength);

    // With an acceptance length of its own in place of the options': a sweep shares options among engines.
    internal static ClosedLoopResult Evaluate(IEngineCost cost, int inFlight, int promptTokens, int outputTokens, ClosedLoopOptions options, double acceptanceLength)
    {
        // Lengths spread evenly over [1 − spread, 1] of the longest: their means stand for them.
        double mean = 1 - (0.5 * options.LengthSpread);
        promptTokens = Math.Max(1, (int)(mean * promptTokens));
        outputTokens = Math.Max(1, (int)(mean * outputTokens));
        int held = (int)Math.Clamp(options.KvTokens / (promptTokens + outputTokens), 1, Math.Min(inFlight, options.MaxSequences));
        double rate = cost.Engine.DraftTokens == 0 ? 1 : acceptanceLength;
        ClosedLoopResult engine = new SteadyLoad(cost, held, promptTokens, outputTokens, options, rate).Solve();
        double front = (options.FrontEnd.ChunkSeconds * (1 + Math.Ceiling((outputTokens - 1) / rate))) + (options.FrontEnd.PromptTokenSeconds * promptTokens);
        double limit = outputTokens / front; // infinite where the process in front takes no time
        if (engine.OutputTokensPerSecond > limit)
        {
            // It sets the pace: the engine holds as many requests as keep up with it, the others wait behind it for their next chunk.
            int low = 1;
            int high = held;
            while (high - low > 1)
            {
                int middle = (low + high) / 2;
                engine = new SteadyLoad(cost, middle, promptTokens, outputTokens, options, rate).Solve();
                if (engine.OutputTokensPerSecond > limit)
                    high = middle;
                else
                    low = middle;
            }

            // Were requests in step with one another, the backlog would build up while they decode; were they evenly spread, all of it would
            // lie before the first token. Benchmarks lie between.
            engine = new SteadyLoad(cost, low, promptTokens, outputTokens, options, rate).Solve();
            double backlog = 0.5 * (held - low) * front;
            engine = engine with
            {
                OutputTokensPerSecond = limit,
                TtftSeconds = engine.TtftSeconds + backlog,
                TpotSeconds = outputTokens > 1 ? engine.TpotSeconds + (backlog / (outputTokens - 1)) : 0,
            };
        }

        // Who is in flight but not in the engine queues (Little's law).
        return engine with { TtftSeconds = engine.TtftSeconds + ((inFlight - held) * outputTokens / engine.OutputTokensPerSecond) };
    }
}
