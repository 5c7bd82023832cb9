namespace Tuner.Env.Traffic;

/// <summary>What a real engine recorded of one request; seconds since the first arrived.</summary>
/// <param name="PromptTokens">Prompt length, tokens.</param>
/// <param name="OutputTokens">Output length, tokens.</param>
/// <param name="ArrivalSeconds">When it counts as arrived: when it was queued, or when the process in front had it.</param>
/// <param name="QueuedSeconds">When the engine's scheduler got it: an engine looks at its door between steps.</param>
/// <param name="ScheduledSeconds">When it first got a place in the batch.</param>
/// <param name="FirstTokenSeconds">When its first token came.</param>
/// <param name="LastTokenSeconds">When its last token came.</param>
public readonly record struct ServedRequest(int PromptTokens, int OutputTokens, double ArrivalSeconds, double QueuedSeconds, double ScheduledSeconds, double FirstTokenSeconds, double LastTokenSeconds)
{
    /// <summary>Time to first token, seconds.</summary>
    public double TtftSeconds => FirstTokenSeconds - ArrivalSeconds;

    /// <summary>Mean time per output token after the first, seconds; 0 for a single token.</summary>
    public double TpotSeconds => OutputTokens > 1 ? (LastTokenSeconds - FirstTokenSeconds) / (OutputTokens - 1) : 0;

    /// <summary>From arrival to the last token, seconds.</summary>
    public double LatencySeconds => LastTokenSeconds - ArrivalSeconds;

    /// <summary>Requests in the batch and in the queue at an instant. One that lost its place counts as running: its own times do not tell.</summary>
    internal static (int Running, int Waiting) InFlight(IReadOnlyList<ServedRequest> requests, double seconds)
    {
        int running = 0;
        int waiting = 0;
        foreach (ServedRequest request in requests)
        {
            if (request.ScheduledSeconds <= seconds && seconds < request.LastTokenSeconds)
                running++;
            else if (request.ArrivalSeconds <= seconds && seconds < request.ScheduledSeconds)
                waiting++;
        }

        return (running, waiting);
    }
}
