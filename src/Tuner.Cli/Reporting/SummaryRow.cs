using Tuner.Env.Simulation;

namespace Tuner.Cli.Reporting;

/// <summary>The load a policy carries over a rival's, over several traces and training seeds.</summary>
/// <param name="Rival">The rival.</param>
/// <param name="Traces">Traces compared on.</param>
/// <param name="Seeds">Training seeds of the policy.</param>
/// <param name="Ratio">Geometric mean over traces of the ratio of sustained loads; of several seeds, the interquartile mean of each trace.</param>
/// <param name="Interval">Its 95 % interval, resampling traces, and seeds within them: wide where they are few; null where both are fewer than three.</param>
internal sealed record SummaryRow(string Rival, int Traces, int Seeds, double Ratio, (double Low, double High)? Interval)
{
    private const string Own = "tuner";
    private const int Enough = 3;
    private const int Resamples = 2000;

    /// <summary>Sums up, rival by rival.</summary>
    /// <param name="loads">The load each policy carries on each trace; the policy itself once for each training seed.</param>
    /// <param name="seed">Seed of the resampling.</param>
    public static List<SummaryRow> Of(IReadOnlyList<(string Policy, string Traffic, double Load)> loads, ulong seed)
    {
        ILookup<string, double> own = loads.Where(each => each.Policy == Own && each.Load > 0).ToLookup(each => each.Traffic, each => each.Load);
        return
        [
            .. loads.Where(each => each.Policy != Own && each.Load > 0 && own.Contains(each.Traffic))
                .GroupBy(each => each.Policy)
                .Select(group => Of(group.Key, [.. group.Select(rival => own[rival.Traffic].Select(load => Math.Log(load / rival.Load)).ToArray())], seed)),
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

    /// <param name="rival">The rival.</param>
    /// <param name="logs">Log ratios, by trace and seed.</param>
    /// <param name="seed">Seed of the resampling.</param>
    private static SummaryRow Of(string rival, double[][] logs, ulong seed)
    {
        int seeds = logs.Max(trace => trace.Length);
        double ratio = Math.Exp(logs.Average(trace => Interquartile(trace)));
        return new SummaryRow(rival, logs.Length, seeds, ratio, logs.Length >= Enough || seeds >= Enough ? Resample(logs, seed) : null);
    }

    /// <summary>Stratified bootstrap (Agarwal et al., arXiv:2108.13264): traces, and of each the seeds; the same draws for every rival.</summary>
    private static (double Low, double High) Resample(double[][] logs, ulong seed)
    {
        RandomStream random = RandomStream.For(seed, "traces and seeds");
        double[] means = new double[Resamples];
        for (int i = 0; i < Resamples; i++)
        {
            double sum = 0;
            for (int draw = 0; draw < logs.Length; draw++)
            {
                double[] trace = logs[random.NextInt(logs.Length)];
                sum += Interquartile([.. trace.Select(_ => trace[random.NextInt(trace.Length)])]);
            }

            means[i] = sum / logs.Length;
        }

        Array.Sort(means);
        return (Math.Exp(means[(int)(0.025 * Resamples)]), Math.Exp(means[(int)(0.975 * Resamples) - 1]));
    }

    /// <summary>Mean of the middle half; of fewer than four values, of all.</summary>
    private static double Interquartile(double[] values)
    {
        int cut = values.Length / 4;
        return values.Order().Skip(cut).Take(values.Length - (2 * cut)).Average();
    }
}
