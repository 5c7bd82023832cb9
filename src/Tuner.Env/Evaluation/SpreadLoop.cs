using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation;

/// <summary>A closed loop whose requests have fallen out of step: what it settles to, without playing it.</summary>
/// <remarks>
/// Every place in flight spends one step on its prompt and the rest on its output, so of n places λ = n / (1 + steps of the output) take a
/// prompt in any step. Requests that begin independently make that number Poisson; the mean time of a step is the mean over it. Requests
/// speculate with luck of their own, which is what spreads them: <see cref="ClosedLoop"/> keeps alike requests alike.
/// </remarks>
public static class SpreadLoop
{
    /// <summary>Probability left out of the Poisson distribution's tail.</summary>
    private const double Tail = 1e-4;

    /// <summary>Output tokens a second the loop settles to.</summary>
    /// <param name="cost">The engine.</param>
    /// <param name="inFlight">Requests in flight or that the KV cache holds, whichever is fewer; at least 1, may be fractional.</param>
    /// <param name="promptTokens">Prompt tokens of each, at least 1.</param>
    /// <param name="outputTokens">Output tokens of each, at least 1.</param>
    /// <param name="acceptanceLength">Tokens a step yields a sequence, 1 without speculation.</param>
    public static double OutputTokensPerSecond(IEngineCost cost, double inFlight, int promptTokens, int outputTokens, double acceptanceLength)
    {
        double prompts = inFlight / (1 + ((outputTokens - 1) / acceptanceLength));
        double seconds = 0;
        double mass = 0;
        double probability = Math.Exp(-prompts);
        for (int starting = 0; starting <= inFlight && mass < 1 - Tail; starting++)
        {
            int decoding = (int)Math.Round(inFlight - starting);
            var batch = new BatchShape(
                starting * promptTokens,
                starting,
                starting * 0.5 * promptTokens * promptTokens,
                0,
                starting,
                decoding,
                decoding * (promptTokens + (0.5 * outputTokens)));
            StepCost step = cost.Step(batch);
            seconds += probability * (step.StageSeconds + step.HopSeconds) * cost.Engine.PipelineParallel;
            mass += probability;
            probability *= prompts / (starting + 1);
        }

        return prompts * outputTokens * mass / seconds;
    }
}
