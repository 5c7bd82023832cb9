using Tuner.Env.Measurement;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation;

/// <summary>One policy's run over one trace: every request's outcome and every window.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Outcomes">Outcomes by request index; requests cut off at the end count as missed.</param>
/// <param name="Windows">The windows, drain included.</param>
/// <param name="Settings">The settings in force in each window.</param>
/// <param name="DurationSeconds">Length of the trace.</param>
/// <param name="Switches">Changes of settings.</param>
/// <param name="JoulesPerToken">Energy per output token.</param>
public sealed record RunResult(
    string Policy,
    IReadOnlyList<RequestOutcome> Outcomes,
    IReadOnlyList<WindowMetrics> Windows,
    IReadOnlyList<KnobSettings> Settings,
    double DurationSeconds,
    int Switches,
    double JoulesPerToken)
{
    /// <summary>Share of requests that met both promises.</summary>
    public double Attainment { get; } = Outcomes.Count == 0 ? 1 : Outcomes.Count(outcome => outcome.Met) / (double)Outcomes.Count;

    /// <summary>Engine steps simulated, those summed in closed form counted one by one; 0 where nobody counted.</summary>
    public long EngineSteps { get; init; }

    /// <summary>Mean quality loss over completed requests, points.</summary>
    public double QualityLoss { get; } = Outcomes.Where(outcome => outcome.Completed).Select(outcome => outcome.QualityLoss).DefaultIfEmpty(0).Average();

    /// <summary>Requests served to their end.</summary>
    public int Completed { get; } = Outcomes.Count(outcome => outcome.Completed);

    /// <summary>Mean latency of completed requests, seconds.</summary>
    public double MeanLatencySeconds { get; } = Outcomes.Where(outcome => outcome.Completed).Select(outcome => outcome.LatencySeconds).DefaultIfEmpty(0).Average();

    /// <summary>The 95 % interval of <see cref="Attainment"/>, resampling minutes of arrival; 1 to 1 without a request.</summary>
    /// <param name="seed">Seed of the resampling.</param>
    public (double Low, double High) AttainmentInterval(ulong seed)
    {
        var minutes = new ArrivalMinutes();
        minutes.Add(this, i => Outcomes[i].Met ? 1 : 0);
        return minutes.Requests == 0 ? (1, 1) : minutes.Interval(seed);
    }
}
