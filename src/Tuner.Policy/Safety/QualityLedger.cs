using Tuner.Policy.Files;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Safety;

/// <summary>Keeps the quality budget where an engine cannot: every token earns the budget and pays what its settings lose.</summary>
/// <remarks>
/// No engine reports how good its answers are, so the losses are those measured beforehand (the contract's). Tokens pay when they are
/// produced, so what running requests have lost is paid already, as in <see cref="WindowMetrics.QualityBalance"/>.
/// </remarks>
/// <param name="contract">The budget and the losses.</param>
internal sealed class QualityLedger(ServingContract contract)
{
    /// <summary>Savings beyond the length of the days that policies are trained and judged on (two hours of 10 s) are forgotten: quiet nights do not pay for a lossy week.</summary>
    private const double MostSavedWindows = 720;

    private const double Memory = 0.02;

    /// <summary>What has been saved.</summary>
    public QualityAccount Account { get; set; }

    /// <summary>Enters a window; gives it back with its loss and the balance after it.</summary>
    /// <param name="window">What the engine told.</param>
    /// <param name="settings">The settings it was served under.</param>
    public WindowMetrics Enter(in WindowMetrics window, in KnobSettings settings)
    {
        double loss = contract.QualityLoss(settings);
        double budget = contract.QualityBudget;
        double length = window.Completed == 0 || !(window.MeanOutputTokens > 0) ? Account.OutputTokens
            : Account.OutputTokens > 0 ? Account.OutputTokens + (Memory * (window.MeanOutputTokens - Account.OutputTokens)) : window.MeanOutputTokens;
        double requests = length > 0 && window.OutputTokensPerSecond > 0 ? window.OutputTokensPerSecond * window.Seconds / length : window.Completed;
        double perWindow = Account.RequestsPerWindow > 0 ? Account.RequestsPerWindow + (Memory * (requests - Account.RequestsPerWindow)) : requests;
        double income = budget * perWindow;
        double saved = Math.Min(Account.Saved + ((budget - loss) * requests), MostSavedWindows * income);
        Account = new QualityAccount(saved, perWindow, length);
        return window with { QualityLoss = loss, QualityBalance = budget <= 0 ? 0 : saved / Math.Max(income, budget) };
    }
}
