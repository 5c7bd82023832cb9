using Tuner.Env.Traffic;

namespace Tuner.Env.Measurement;

/// <summary>What became of one request.</summary>
/// <param name="Request">Its index in the trace.</param>
/// <param name="Class">What kind of work it was.</param>
/// <param name="PromptTokens">Prompt length, tokens.</param>
/// <param name="OutputTokens">Output tokens produced; of a request that was turned away, those it asked for.</param>
/// <param name="ArrivalSeconds">When it arrived.</param>
/// <param name="FirstTokenSeconds">When its first token came; NaN if none did.</param>
/// <param name="EndSeconds">When it ended; infinity if it never did.</param>
/// <param name="QualityLoss">Its quality loss, points: the loss of the settings in force, averaged over its tokens.</param>
/// <param name="Met">Whether both latency promises were met.</param>
/// <param name="Ending">How it ended.</param>
public readonly record struct RequestOutcome(
    int Request,
    TrafficClass Class,
    int PromptTokens,
    int OutputTokens,
    double ArrivalSeconds,
    double FirstTokenSeconds,
    double EndSeconds,
    double QualityLoss,
    bool Met,
    RequestEnding Ending)
{
    /// <summary>The outcome of a request that was turned away.</summary>
    internal static RequestOutcome Refused(TrafficTrace trace, int request, double arrivalSeconds, double endSeconds, RequestEnding why)
        => new(request, trace.Classes[request], trace.PromptTokens[request], trace.OutputTokens[request], arrivalSeconds, double.NaN, endSeconds, 0, false, why);

    /// <summary>Whether it was served as far as its client wanted.</summary>
    public bool Completed => Ending is RequestEnding.Completed or RequestEnding.Cancelled;

    /// <summary>Time to first token, seconds.</summary>
    public double TtftSeconds => FirstTokenSeconds - ArrivalSeconds;

    /// <summary>Mean time per output token after the first, seconds; 0 for a single token.</summary>
    public double TpotSeconds => OutputTokens > 1 ? (EndSeconds - FirstTokenSeconds) / (OutputTokens - 1) : 0;

    /// <summary>From arrival to the last token, seconds.</summary>
    public double LatencySeconds => EndSeconds - ArrivalSeconds;
}
