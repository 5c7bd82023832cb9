using System.Globalization;
using Tuner.Env.Evaluation;

namespace Tuner.Cli.Reporting;

/// <summary>The columns of an evaluation's tables, the same for terminal and page.</summary>
internal static class SheetColumns
{
    public static readonly string[] Summary = ["over", "traces", "training seeds", "ratio", "95 %"];

    public static readonly string[] Equal = ["traffic", "load ×", "promises kept, points", "95 %", "median latency ×", "J/token ×", "lossy load ×", "quality spent", "lossy setting spends", "ratio"];

    public static readonly string[] Use = ["traffic", "changes/h", "over 1 s, /h", "by knob: changes/h (share of time away from its usual value)"];

    public static readonly string[] Difference = ["traffic", "condition", "policy", "promises kept", "difference, points", "95 %", "quality loss", "switches"];

    public static string[] Of(SummaryRow row) => [row.Rival, Text($"{row.Traces}"), Text($"{row.Seeds}"), Text($"{row.Ratio:0.00}"), row.Interval is { } interval ? Text($"[{interval.Low:0.00}, {interval.High:0.00}]") : "–"];

    public static string[] Of(EqualServiceRow row) =>
    [
        row.Traffic,
        RateMultiple.Text(row.Load),
        Points(row.Attainment.Mean),
        Interval(row.Attainment),
        Text($"{row.LatencyRatio:0.00}"),
        Text($"{row.EnergyRatio:0.00}"),
        row.LossyLoad is { } load ? RateMultiple.Text(load) : "–",
        row.LossyLoad is null ? "–" : Text($"{row.QualitySpent:0.00}"),
        row.LossyLoad is null ? "–" : Text($"{row.LossyQuality:0.00}"),
        row.QualityRatio is { } ratio ? Text($"{ratio:0.00}") : "–",
    ];

    public static string[] UseOf(EvaluationRow row)
    {
        var use = KnobUse.Of(row.Run);
        string knobs = string.Join(", ", use.Knobs.Where(each => each.ChangesPerHour > 0).Select(each => Text($"{each.Knob} {each.ChangesPerHour:0} ({100 * each.Away:0} %)")));
        return [row.Traffic, Text($"{use.SwitchesPerHour:0}"), Text($"{use.HeavyPerHour:0}"), knobs.Length > 0 ? knobs : "none"];
    }

    public static string[] Of(DifferenceRow row) =>
    [
        row.Traffic,
        row.Condition,
        row.Policy,
        Text($"{row.Attainment:0.000}"),
        row.Difference is { } difference ? Points(difference.Mean) : "–",
        row.Difference is { } between ? Interval(between) : "–",
        Text($"{row.QualityLoss:0.00}"),
        Text($"{row.Switches}"),
    ];

    private static string Interval(PairedDifference difference) => $"[{Points(difference.Low)}, {Points(difference.High)}]";

    // Rounded first: a hair below zero would print as "-+0.0".
    private static string Points(double share) => Math.Round(100 * share, 1).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
