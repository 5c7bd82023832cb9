using Tuner.Policy.Telemetry;

namespace Tuner.WhatIf;

/// <summary>What a few windows say about the traffic and the queue.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="PromptTokens">Mean prompt length.</param>
/// <param name="PromptTokensP90">Its 90th percentile, mean over the windows.</param>
/// <param name="OutputTokens">Mean output length.</param>
/// <param name="PrefixHitRate">Share of prompt tokens found in the prefix cache.</param>
/// <param name="DraftAcceptance">Accepted over drafted tokens; 0 while nothing is drafted.</param>
/// <param name="Waiting">Requests waiting at the end.</param>
/// <param name="Running">Requests running at the end.</param>
internal sealed record ObservedLoad(
    double Rate, double PromptTokens, double PromptTokensP90, double OutputTokens, double PrefixHitRate, double DraftAcceptance, int Waiting, int Running)
{
    /// <summary>Reads it off the windows, newest last; null when nothing arrived or nothing finished.</summary>
    public static ObservedLoad? Of(IReadOnlyList<WindowMetrics> windows)
    {
        double seconds = windows.Sum(window => window.Seconds);
        double arrived = windows.Sum(window => window.Arrived);
        double completed = windows.Sum(window => window.Completed);
        if (arrived == 0 || completed == 0)
            return null;
        double Mean(Func<WindowMetrics, double> value, Func<WindowMetrics, double> weight)
        {
            double sum = windows.Sum(weight);
            return sum > 0 ? windows.Sum(window => value(window) * weight(window)) / sum : 0;
        }

        double prompts = Mean(window => window.MeanPromptTokens, window => window.Arrived);
        double outputs = Mean(window => window.MeanOutputTokens, window => window.Completed);
        if (!(prompts > 0) || !(outputs > 0))
            return null;
        return new ObservedLoad(
            arrived / seconds,
            prompts,
            Mean(window => window.PromptTokensP90, window => window.Arrived),
            outputs,
            Math.Clamp(Mean(window => window.PrefixHitRate, window => window.Arrived * window.MeanPromptTokens), 0, 1),
            Mean(window => window.DraftAcceptance, window => window.DraftAcceptance > 0 ? window.Completed : 0),
            windows[^1].Waiting,
            windows[^1].Running);
    }
}
