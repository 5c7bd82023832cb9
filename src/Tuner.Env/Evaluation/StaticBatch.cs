using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation;

/// <summary>A benchmark of one batch: all requests are there at the start, alike, and the clock stops when the last has ended.</summary>
/// <remarks>
/// Requests the KV cache has no room for wait for those before them: the batch runs in waves. A wave's prompts go first, as many a step as the
/// token budget lets in, then all decode together. A pipeline has one batch in flight, so that its stages take turns.
/// </remarks>
public static class StaticBatch
{
    private const int Samples = 9;

    /// <summary>Seconds the batch takes.</summary>
    /// <param name="cost">The engine, without speculation.</param>
    /// <param name="requests">Requests of the batch, at least 1.</param>
    /// <param name="promptTokens">Prompt tokens of each, at least 1.</param>
    /// <param name="outputTokens">Output tokens of each, at least 1.</param>
    /// <param name="kvTokens">Tokens the KV cache holds; room for a request's output is kept from its start.</param>
    /// <param name="tokenBudget">Most prompt tokens of a step.</param>
    /// <returns>Seconds; infinity when not even one request fits.</returns>
    public static double Seconds(IEngineCost cost, int requests, int promptTokens, int outputTokens, long kvTokens, int tokenBudget)
    {
        long room = kvTokens / (promptTokens + outputTokens);
        if (room == 0)
            return double.PositiveInfinity;
        double seconds = 0;
        for (long left = requests; left > 0; left -= room)
            seconds += Wave(cost, (int)Math.Min(left, room), promptTokens, outputTokens, tokenBudget);
        return seconds;
    }

    private static double Wave(IEngineCost cost, int requests, int promptTokens, int outputTokens, int tokenBudget)
    {
        double seconds = 0;
        int together = Math.Max(1, tokenBudget / promptTokens);
        for (int left = requests; left > 0; left -= together)
        {
            int prompts = Math.Min(left, together);
            seconds += Step(cost, new BatchShape(prompts * promptTokens, prompts, prompts * 0.5 * promptTokens * promptTokens, 0, prompts, 0, 0));
        }

        // Steps differ by a token a sequence: the mean of a few of them, evenly spaced, is the mean of all.
        int steps = outputTokens - 1;
        for (int i = 0; i < Samples; i++)
        {
            double context = promptTokens + 1 + (steps * (i + 0.5) / Samples);
            seconds += steps / (double)Samples * Step(cost, new BatchShape(0, 0, 0, 0, 0, requests, requests * context));
        }

        return seconds;
    }

    private static double Step(IEngineCost cost, BatchShape batch)
    {
        StepCost step = cost.Step(batch);
        return cost.Engine.PipelineParallel * (step.StageSeconds + step.HopSeconds);
    }
}
