using Tuner.Policy.Telemetry;

namespace Tuner.Env.Rewards;

/// <summary>What a window was worth, per request of an average window.</summary>
/// <param name="Service">Requests that met their promises, less the weighted misses.</param>
/// <param name="Waiting">The queue left behind; at most 0.</param>
/// <param name="Quality">Quality spent; at most 0.</param>
/// <param name="Switching">Time lost to changes; at most 0.</param>
/// <param name="Latency">Median latencies against their promises; at most 0.</param>
public readonly record struct Reward(double Service, double Waiting, double Quality, double Switching, double Latency)
{
    /// <summary>Sum of the terms.</summary>
    public double Total => Service + Waiting + Quality + Switching + Latency;

    /// <summary>Rewards one window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="objective">The promises.</param>
    /// <param name="requestsPerWindow">Requests of an average window of the episode, above 0.</param>
    /// <param name="options">The weights.</param>
    public static Reward Of(in WindowMetrics window, ServiceObjective objective, double requestsPerWindow, RewardOptions options)
    {
        double ended = window.Completed + window.Failed;
        double met = window.Attainment * ended;
        double latency = 0.5 * (Math.Min(2, window.TtftP50 / objective.TtftFor((int)window.MeanPromptTokens)) + Math.Min(2, window.TpotP50 / objective.TpotSeconds));
        return new Reward(
            (met - (options.MissWeight * (ended - met))) / requestsPerWindow,
            -options.WaitingWeight * Math.Min(1, window.Waiting / requestsPerWindow),
            -(1 + options.MissWeight) * options.QualityPrice(window.QualityBalance) * window.QualityLoss * window.Completed / requestsPerWindow,
            -options.SwitchWeight * window.SwitchShare,
            -options.LatencyWeight * latency);
    }
}
