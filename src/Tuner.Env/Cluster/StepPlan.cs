using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>The prompt chunks of a step, as they are put together.</summary>
internal struct StepPlan
{
    /// <summary>What a prompt advances by even where decoding fills the budget: first come, first served must not starve.</summary>
    private const int LeastChunk = 2 * MemoryPlan.BlockTokens;

    private readonly bool chunks;
    private int left;
    private double pairs;
    private double kvTokens;

    /// <summary>Begins an empty step.</summary>
    /// <param name="settings">Token budget and schedule.</param>
    /// <param name="decoding">Sequences that decode.</param>
    public StepPlan(ReplicaSettings settings, int decoding)
    {
        chunks = settings.Schedule.ChunksPrompts;
        int budget = settings.TokenBudget * settings.Cost.Engine.PipelineParallel;
        int verified = settings.Schedule.PrefillFirst ? 0 : decoding * (settings.Cost.Engine.DraftTokens + 1);
        left = Math.Max(LeastChunk, budget - verified);
    }

    /// <summary>Prompt tokens in the step.</summary>
    public int Tokens { get; private set; }

    /// <summary>Prompts they belong to.</summary>
    public int Sequences { get; private set; }

    /// <summary>Of them, those the step completes.</summary>
    public int Completed { get; private set; }

    /// <summary>Tokens of those, all steps together.</summary>
    public long CompletedTokens { get; private set; }

    /// <summary>Energy of the step, once it is priced.</summary>
    public double Joules;

    /// <summary>Whether there is room for (a part of) one more prompt.</summary>
    public readonly bool HasRoom(int promptTokens) => left > 0 && (chunks || Tokens == 0 || promptTokens <= left);

    /// <summary>Takes in what there is room for of a prompt.</summary>
    /// <param name="done">Its tokens processed so far.</param>
    /// <param name="target">Its tokens to process in all.</param>
    /// <param name="chunk">Tokens taken in.</param>
    /// <returns>Whether any are.</returns>
    public bool TryTake(int done, int target, out int chunk)
    {
        chunk = target - done;
        if (chunk > left)
            chunk = chunks ? left : Tokens == 0 ? chunk : 0;
        if (chunk <= 0)
            return false;
        left = Math.Max(0, left - chunk);
        Tokens += chunk;
        Sequences++;
        pairs += chunk * (done + (0.5 * chunk));
        kvTokens += done;
        if (done + chunk == target)
        {
            Completed++;
            CompletedTokens += target;
        }

        return true;
    }

    /// <summary>The step as the cost model sees it.</summary>
    /// <param name="decoding">Sequences that decode in it.</param>
    /// <param name="decodeKvTokens">Their cached tokens.</param>
    public readonly BatchShape Batch(int decoding, double decodeKvTokens)
        => new(Tokens, Sequences, pairs, kvTokens, Completed, decoding, decodeKvTokens);
}
