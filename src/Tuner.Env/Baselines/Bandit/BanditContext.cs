using Tuner.Env.Scenarios;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines.Bandit;

/// <summary>What a bandit sees of a window: load, lengths, queue, promises, savings; each about as large as the others.</summary>
internal static class BanditContext
{
    /// <summary>Numbers in a context.</summary>
    public const int Size = 10;

    /// <summary>Writes a window's context.</summary>
    public static void Write(in WindowMetrics window, Scenario scenario, Span<double> context)
    {
        double rate = window.Arrived / Math.Max(1, window.Seconds);
        context[0] = 1;
        context[1] = Math.Log(1 + rate) / 3;
        context[2] = (Math.Log(1 + (rate * window.MeanPromptTokens)) - 9) / 2;
        context[3] = (Math.Log(1 + window.MeanPromptTokens) - 7) / 2;
        context[4] = (Math.Log(1 + window.PromptTokensP90) - 8) / 2;
        context[5] = (Math.Log(1 + window.MeanOutputTokens) - 5) / 2;
        context[6] = Math.Min(3, window.Waiting / Math.Max(1.0, window.Arrived));
        context[7] = window.KvUse;
        context[8] = Math.Min(2, window.TpotP90 / scenario.Objective.TpotSeconds) - 1;
        context[9] = Math.Clamp(window.QualityBalance / 20, -1, 2);
    }
}
