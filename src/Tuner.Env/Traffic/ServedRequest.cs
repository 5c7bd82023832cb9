namespace Tuner.Env.Traffic;

/// <summary>What a real engine recorded of one request; seconds since the first was queued.</summary>
/// <param name="PromptTokens">Prompt length, tokens.</param>
/// <param name="OutputTokens">Output length, tokens.</param>
/// <param name="QueuedSeconds">When the engine's scheduler got it.</param>
/// <param name="ScheduledSeconds">When it first got a place in the batch.</param>
/// <param name="FirstTokenSeconds">When its first token came.</param>
/// <param name="LastTokenSeconds">When its last token came.</param>
public readonly record struct ServedRequest(int PromptTokens, int OutputTokens, double QueuedSeconds, double ScheduledSeconds, double FirstTokenSeconds, double LastTokenSeconds)
{
    /// <summary>Time to first token, seconds.</summary>
    public double TtftSeconds => FirstTokenSeconds - QueuedSeconds;

    /// <summary>Mean time per output token after the first, seconds; 0 for a single token.</summary>
    public double TpotSeconds => OutputTokens > 1 ? (LastTokenSeconds - FirstTokenSeconds) / (OutputTokens - 1) : 0;

    /// <summary>From the queue to the last token, seconds.</summary>
    public double LatencySeconds => LastTokenSeconds - QueuedSeconds;
}
