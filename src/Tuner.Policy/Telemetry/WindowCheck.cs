namespace Tuner.Policy.Telemetry;

/// <summary>Finds numbers that no engine can have meant.</summary>
internal static class WindowCheck
{
    /// <summary>What is wrong with a window, in one sentence; null when it is sound.</summary>
    public static string? Problem(in WindowMetrics window)
    {
        if (!(window.Seconds > 0) || !double.IsFinite(window.Seconds))
            return $"Seconds is {window.Seconds}; a window has a length above 0";
        ReadOnlySpan<int> counts = [window.Arrived, window.Completed, window.Failed, window.Waiting, window.Running, window.Preemptions];
        foreach (int count in counts)
        {
            if (count < 0)
                return $"a count is {count}; counts are at least 0";
        }

        ReadOnlySpan<(string Name, double Value, double Most)> numbers =
        [
            (nameof(window.MeanPromptTokens), window.MeanPromptTokens, double.MaxValue),
            (nameof(window.PromptTokensP90), window.PromptTokensP90, double.MaxValue),
            (nameof(window.MeanOutputTokens), window.MeanOutputTokens, double.MaxValue),
            (nameof(window.PromptTokensPerSecond), window.PromptTokensPerSecond, double.MaxValue),
            (nameof(window.OutputTokensPerSecond), window.OutputTokensPerSecond, double.MaxValue),
            (nameof(window.MeanBatch), window.MeanBatch, double.MaxValue),
            (nameof(window.KvUse), window.KvUse, 1),
            (nameof(window.BusyShare), window.BusyShare, 1),
            (nameof(window.TtftP50), window.TtftP50, double.MaxValue),
            (nameof(window.TtftP90), window.TtftP90, double.MaxValue),
            (nameof(window.TpotP50), window.TpotP50, double.MaxValue),
            (nameof(window.TpotP90), window.TpotP90, double.MaxValue),
            (nameof(window.TtftAttainment), window.TtftAttainment, 1),
            (nameof(window.Attainment), window.Attainment, 1),
            (nameof(window.PrefixHitRate), window.PrefixHitRate, 1),
            (nameof(window.DraftAcceptance), window.DraftAcceptance, 1),
            (nameof(window.HostLinkUse), window.HostLinkUse, 1),
            (nameof(window.PrefetchUseful), window.PrefetchUseful, 1),
            (nameof(window.PowerWatts), window.PowerWatts, double.MaxValue),
            (nameof(window.QualityLoss), window.QualityLoss, double.MaxValue),
            (nameof(window.SwitchShare), window.SwitchShare, 1),
            (nameof(window.SecondsSinceSwitch), window.SecondsSinceSwitch, double.PositiveInfinity),
        ];
        foreach ((string name, double value, double most) in numbers)
        {
            // Shares may exceed 1 by rounding. NaN fails every comparison.
            if (!(value >= 0 && value <= (most is 1 ? 1.000001 : most)))
                return $"{name} is {value}; expected {(most is 1 ? "0 to 1" : "a finite number of at least 0")}";
        }

        return double.IsFinite(window.QualityBalance) ? null : $"QualityBalance is {window.QualityBalance}; expected a finite number";
    }
}
