namespace Tuner.Policy.Telemetry;

/// <summary>What users were promised about latency.</summary>
/// <param name="TtftSeconds">Time to first token promised to an empty prompt, in seconds, above 0.</param>
/// <param name="TtftSecondsPerPromptToken">What each prompt token adds to that promise, in seconds, at least 0.</param>
/// <param name="TpotSeconds">Time per output token after the first, as a mean over the request, in seconds, above 0.</param>
public sealed record ServiceObjective(double TtftSeconds, double TtftSecondsPerPromptToken, double TpotSeconds)
{
    /// <summary>The time to first token promised to a prompt of this length, in seconds.</summary>
    public double TtftFor(int promptTokens) => TtftSeconds + (TtftSecondsPerPromptToken * promptTokens);
}
