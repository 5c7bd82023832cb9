using System.Text.Json;
using Tuner.Env.Evaluation;

namespace Tuner.Cli.Reporting;

/// <summary>The machine-readable result of <c>evaluate</c> and <c>simulate</c>; keys are a contract.</summary>
internal static class EvaluationJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Many(Evaluation found)
        => JsonSerializer.Serialize(
            new
            {
                scenario = found.Scenario.Name,
                traffic = found.Scales.Keys,
                rateScale = found.Scales.Values.FirstOrDefault(),
                rateScales = found.Scales,
                results = found.Rows.Select(Shape),
                sustainedOver = found.Summary.Select(row => new { rival = row.Rival, traces = row.Traces, seeds = row.Seeds, ratio = row.Ratio, ci95 = Ends(row.Interval) }),
                shareOfOracleGain = SummaryRow.ShareOfOracle(found.Summary),
                equalService = found.Equal.Select(Shape),
                knobUse = found.Rows.Where(row => row.Policy == "tuner").Select(row => Shape(row.Traffic, KnobUse.Of(row.Run))),
                ablation = found.Ablation.Select(Shape),
                robustness = found.Robustness.Select(Shape),
            },
            Indented);

    public static string One(string scenario, double rateScale, IReadOnlyList<EvaluationRow> rows)
        => rows.Count == 1
            ? JsonSerializer.Serialize(Shape(rows[0]), Indented)
            : JsonSerializer.Serialize(new { scenario, traffic = rows.Select(row => row.Traffic), rateScale, results = rows.Select(Shape) }, Indented);

    private static object Shape(EvaluationRow row) => new
    {
        policy = row.Policy,
        traffic = row.Traffic,
        sloAttainment = row.SloAttainment,
        goodputPerSecond = row.GoodputPerSecond,
        requests = row.Requests,
        completed = row.Completed,
        ttftMs = Quantiles(row.TtftMs),
        tpotMs = Quantiles(row.TpotMs),
        outputTokensPerSecond = row.OutputTokensPerSecond,
        qualityLoss = row.QualityLoss,
        joulesPerToken = row.JoulesPerToken,
        switches = row.Switches,
        medianLatencySeconds = row.MedianLatencySeconds,
        sustainedLoad = row.SustainedLoad,
        ci95 = new Dictionary<string, double[]> { ["sloAttainment"] = [row.AttainmentInterval.Low, row.AttainmentInterval.High] },
    };

    private static object Shape(EqualServiceRow row) => new
    {
        traffic = row.Traffic,
        load = row.Load,
        attainmentGain = row.Attainment.Mean,
        ci95 = Ends(row.Attainment),
        medianLatencyRatio = row.LatencyRatio,
        energyRatio = row.EnergyRatio,
        lossyLoad = row.LossyLoad,
        qualitySpent = row.LossyLoad is null ? (double?)null : row.QualitySpent,
        lossyQuality = row.LossyQuality,
        qualityRatio = row.QualityRatio,
    };

    private static object Shape(string traffic, KnobUse use) => new
    {
        traffic,
        switchesPerHour = use.SwitchesPerHour,
        heavyPerHour = use.HeavyPerHour,
        knobs = use.Knobs.ToDictionary(each => each.Knob.ToString(), each => new { changesPerHour = each.ChangesPerHour, away = each.Away }),
    };

    private static object Shape(DifferenceRow row) => new
    {
        traffic = row.Traffic,
        condition = row.Condition,
        policy = row.Policy,
        sloAttainment = row.Attainment,
        qualityLoss = row.QualityLoss,
        switches = row.Switches,
        difference = row.Difference?.Mean,
        ci95 = row.Difference is { } difference ? Ends(difference) : null,
    };

    private static double[] Ends(PairedDifference difference) => [difference.Low, difference.High];

    private static double[]? Ends((double Low, double High)? interval) => interval is { } known ? [known.Low, known.High] : null;

    private static object Quantiles(double[] values) => new { p50 = values[0], p90 = values[1], p99 = values[2] };
}
