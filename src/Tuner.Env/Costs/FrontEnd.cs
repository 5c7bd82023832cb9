namespace Tuner.Env.Costs;

/// <summary>
/// The process between the clients and the engine: one event loop that tokenizes prompts, turns tokens into text and writes them to their
/// streams, one after another, while the engine goes on. With many streams it falls behind, and clients see its pace instead of the engine's.
/// </summary>
/// <param name="ChunkSeconds">Time a chunk of a stream takes: what one sequence gains in one step.</param>
/// <param name="RequestSeconds">Time a request takes before its prompt is looked at.</param>
/// <param name="PromptTokenSeconds">Time a prompt takes for each of its tokens.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record FrontEnd(double ChunkSeconds, double RequestSeconds, double PromptTokenSeconds, string Source)
{
    /// <summary>Takes no time.</summary>
    public static FrontEnd Instant { get; } = new(0, 0, 0, "none: an engine driven directly");
}
