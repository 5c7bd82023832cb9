using Tuner.Env.Traffic;

namespace Tuner.Env.Measurement;

/// <summary>What became of one request.</summary>
/// <param name="Request">Its index in the trace.</param>
/// <param name="Class">What kind of work it was.</param>
/// <param name="PromptTokens">Prompt length, tokens.</param>
/// <param name="OutputTokens">Output length, tokens.</param>
/// <param name="ArrivalSeconds">When it arrived.</param>
/// <param name="FirstTokenSeconds">When its first token came; NaN if it was refused.</param>
/// <param name="EndSeconds">When it finished or was refused.</param>
/// <param name="QualityLoss">Its quality loss, points: the loss of the settings in force, averaged over its tokens.</param>
/// <param name="Met">Whether both latency promises were met.</param>
public readonly record struct RequestOutcome(
    int Request,
    TrafficClass Class,
    int PromptTokens,
    int OutputTokens,
    double ArrivalSeconds,
    double FirstTokenSeconds,
    double EndSeconds,
    double QualityLoss,
    bool Met)
{
    /// <summary>The outcome of a request that was refused.</summary>
    internal static RequestOutcome Refused(TrafficTrace trace, int request, double arrivalSeconds, double endSeconds)
        => new(request, trace.Classes[request], trace.PromptTokens[request], trace.OutputTokens[request], arrivalSeconds, double.NaN, endSeconds, 0, false);

    /// <summary>Whether it was served to its end.</summary>
    public bool Completed => !double.IsNaN(FirstTokenSeconds);

    /// <summary>Time to first token, seconds.</summary>
    public double TtftSeconds => FirstTokenSeconds - ArrivalSeconds;

    /// <summary>Mean time per output token after the first, seconds; 0 for a single token.</summary>
    public double TpotSeconds => OutputTokens > 1 ? (EndSeconds - FirstTokenSeconds) / (OutputTokens - 1) : 0;

    /// <summary>From arrival to the last token, seconds.</summary>
    public double LatencySeconds => EndSeconds - ArrivalSeconds;
}
