using ScottPlot;

namespace Tuner.Cli.Reporting;

/// <summary>One colour a policy, the same in every picture. They differ in lightness too, for readers who do not tell hues apart.</summary>
internal static class PolicyColours
{
    private static readonly Dictionary<string, Color> Known = new()
    {
        ["tuner"] = Color.FromHex("#2563eb"),
        ["default"] = Color.FromHex("#6b7280"),
        ["static-best"] = Color.FromHex("#15803d"),
        ["static-generalist"] = Color.FromHex("#0e7490"),
        ["static-hindsight"] = Color.FromHex("#84cc16"),
        ["talk-rules"] = Color.FromHex("#dc2626"),
        ["reactive"] = Color.FromHex("#f59e0b"),
        ["planner"] = Color.FromHex("#9333ea"),
        ["oracle"] = Color.FromHex("#111827"),
    };

    /// <summary>The policy's colour.</summary>
    public static Color Of(string policy) => Known.GetValueOrDefault(policy, Color.FromHex("#a16207"));
}
