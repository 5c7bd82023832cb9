using Tuner.Env.Evaluation;

namespace Tuner.Cli.Reporting;

/// <summary>The load a policy carries over a rival's, over several traces.</summary>
/// <param name="Rival">The rival.</param>
/// <param name="Traces">Traces compared on.</param>
/// <param name="Ratio">Geometric mean of the ratios of sustained loads.</param>
/// <param name="Interval">Its 95 % interval, resampling traces: wide where they are few; null for fewer than three.</param>
internal sealed record SummaryRow(string Rival, int Traces, double Ratio, (double Low, double High)? Interval)
{
    private const int Enough = 3;

    /// <summary>Sums up rows that have sustained loads, rival by rival.</summary>
    /// <param name="rows">Rows of all traces.</param>
    /// <param name="seed">Seed of the resampling.</param>
    public static List<SummaryRow> Of(IReadOnlyList<EvaluationRow> rows, ulong seed)
    {
        var tuner = rows.Where(row => row.Policy == "tuner" && row.SustainedLoad > 0).ToDictionary(row => row.Traffic, row => row.SustainedLoad!.Value);
        return
        [
            .. rows.Where(row => row.Policy != "tuner" && row.SustainedLoad > 0 && tuner.ContainsKey(row.Traffic))
                .GroupBy(row => row.Policy)
                .Select(group => Of(group.Key, [.. group.Select(row => Math.Log(tuner[row.Traffic] / row.SustainedLoad!.Value))], seed)),
        ];
    }

    /// <summary>Share of what the oracle gains over static-best that the policy gains, over the traces both carry; null where the oracle gains less than 5 % or was not asked.</summary>
    /// <param name="summary">Rows with static-best and oracle.</param>
    public static double? ShareOfOracle(IReadOnlyList<SummaryRow> summary)
    {
        const double WorthDividing = 0.05;
        double? best = summary.FirstOrDefault(row => row.Rival == "static-best")?.Ratio;
        double? oracle = summary.FirstOrDefault(row => row.Rival == "oracle")?.Ratio;
        return best is { } own && oracle is { } behind && (own / behind) - 1 >= WorthDividing ? (own - 1) / ((own / behind) - 1) : null;
    }

    private static SummaryRow Of(string rival, double[] logs, ulong seed)
    {
        (double Low, double High)? interval = null;
        if (logs.Length >= Enough)
        {
            double[] ones = new double[logs.Length];
            Array.Fill(ones, 1);
            (double low, double high) = PairedBootstrap.Ratio(logs, ones, seed);
            interval = (Math.Exp(low), Math.Exp(high));
        }

        return new SummaryRow(rival, logs.Length, Math.Exp(logs.Average()), interval);
    }
}
