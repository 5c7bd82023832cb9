using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>How long a step's work takes a pipeline.</summary>
/// <remarks>
/// Decoding sequences are spread evenly over micro-batches, one a stage; prompts fill the token budget of one micro-batch after another. A
/// micro-batch passes every stage before it comes again, and a stage works on one at a time: with each as often as the others, the round
/// lasts max(Σ tᵢ, stages · (max tᵢ + hop)), the largest cycle mean of the schedule's event graph (Baccelli and others, Synchronization
/// and Linearity, 1992). Fewer micro-batches than stages, or uneven ones, leave bubbles.
/// </remarks>
internal static class PipelineRound
{
    /// <summary>Times one round.</summary>
    /// <param name="cost">The engine.</param>
    /// <param name="tokenBudget">Most tokens of one micro-batch.</param>
    /// <param name="batch">What all micro-batches process together.</param>
    /// <param name="joules">Energy of the round.</param>
    /// <returns>Seconds.</returns>
    public static double Seconds(IEngineCost cost, int tokenBudget, in BatchShape batch, out double joules)
    {
        int stages = cost.Engine.PipelineParallel;
        if (stages == 1)
        {
            StepCost only = cost.Step(batch);
            joules = only.Joules;
            return only.StageSeconds + only.HopSeconds;
        }

        int decoding = Math.Min(batch.DecodeSequences, stages);
        double share = decoding == 0 ? 0 : 1.0 / decoding;
        int room = Math.Max(1, tokenBudget - (int)(share * batch.DecodeSequences * (cost.Engine.DraftTokens + 1)));
        int full = batch.PrefillTokens / room;
        int rest = batch.PrefillTokens - (full * room);
        if (full >= stages)
            (full, rest, room) = (stages, 0, (batch.PrefillTokens + stages - 1) / stages);
        int withPrompts = full + (rest > 0 ? 1 : 0);
        double sum = 0;
        double longest = 0;
        joules = 0;
        if (full > 0)
            Add(cost, Part(batch, room, share, decoding > 0), full, ref sum, ref longest, ref joules);
        if (rest > 0)
            Add(cost, Part(batch, rest, share, full < decoding), 1, ref sum, ref longest, ref joules);
        if (decoding > withPrompts)
            Add(cost, Part(batch, 0, share, true), decoding - withPrompts, ref sum, ref longest, ref joules);
        return Math.Max(sum, stages * longest);
    }

    private static void Add(IEngineCost cost, in BatchShape part, int count, ref double sum, ref double longest, ref double joules)
    {
        StepCost step = cost.Step(part);
        sum += count * step.StageSeconds;
        longest = Math.Max(longest, step.StageSeconds + step.HopSeconds);
        joules += count * step.Joules;
    }

    private static BatchShape Part(in BatchShape batch, int tokens, double share, bool decodes)
    {
        double prompts = batch.PrefillTokens == 0 ? 0 : (double)tokens / batch.PrefillTokens;
        return new BatchShape(
            tokens,
            (int)Math.Ceiling(batch.PrefillSequences * prompts),
            batch.PrefillPairs * prompts,
            batch.PrefillKvTokens * prompts,
            (int)Math.Ceiling(batch.PrefillsCompleted * prompts),
            decodes ? (int)Math.Ceiling(batch.DecodeSequences * share) : 0,
            decodes ? batch.DecodeKvTokens * share : 0);
    }
}
