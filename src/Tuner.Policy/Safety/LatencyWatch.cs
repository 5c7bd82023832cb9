using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Safety;

/// <summary>Knows how long the slow requests usually take, and notices when they take much longer.</summary>
/// <remarks>
/// The usual 90th percentiles are a moving average over about ten judged windows outside trials. Windows that are
/// themselves much worse do not move it, unless the operator's settings run: then that is how things are.
/// </remarks>
internal sealed class LatencyWatch(ServiceObjective objective)
{
    private const double Memory = 0.1;

    private double usualTtft;
    private double usualTpot;
    private int worse;

    /// <summary>Looks at one window.</summary>
    /// <returns>What is worse when the kill switch must trip; null otherwise.</returns>
    public string? Look(in WindowMetrics window, bool operators, bool onTrial, SafetyOptions options)
    {
        if (window.Completed < options.MinimumRequests)
            return null;
        double promisedTtft = objective.TtftFor((int)window.PromptTokensP90);
        bool slowTtft = IsWorse(window.TtftP90, usualTtft, promisedTtft, options);
        bool slowTpot = IsWorse(window.TpotP90, usualTpot, objective.TpotSeconds, options);
        worse = !operators && (slowTtft || slowTpot) ? worse + 1 : 0;
        if (worse >= options.KillWindows)
        {
            worse = 0;
            return slowTtft
                ? $"time to first token, 90th percentile: {window.TtftP90:0.000} s, usually {usualTtft:0.000} s, promised {promisedTtft:0.000} s"
                : $"time per output token, 90th percentile: {window.TpotP90:0.0000} s, usually {usualTpot:0.0000} s, promised {objective.TpotSeconds:0.0000} s";
        }

        if (operators || (!onTrial && worse == 0))
        {
            usualTtft = Towards(usualTtft, window.TtftP90);
            usualTpot = Towards(usualTpot, window.TpotP90);
        }

        return null;
    }

    private static bool IsWorse(double now, double usual, double promised, SafetyOptions options)
        => usual > 0 && now > usual * (1 + options.KillWorsening) && now > promised;

    private static double Towards(double usual, double now) => usual == 0 ? now : usual + (Memory * (now - usual));
}
