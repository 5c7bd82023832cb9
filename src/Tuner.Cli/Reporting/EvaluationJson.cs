using System.Text.Json;

namespace Tuner.Cli.Reporting;

/// <summary>The machine-readable result of <c>evaluate</c> and <c>simulate</c>; keys are a contract.</summary>
internal static class EvaluationJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Many(string scenario, IEnumerable<string> traffic, IReadOnlyDictionary<string, double> rateScales, IEnumerable<EvaluationRow> rows)
        => JsonSerializer.Serialize(new { scenario, traffic, rateScale = rateScales.Values.FirstOrDefault(), rateScales, results = rows.Select(Shape) }, Indented);

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

    private static object Quantiles(double[] values) => new { p50 = values[0], p90 = values[1], p99 = values[2] };
}
