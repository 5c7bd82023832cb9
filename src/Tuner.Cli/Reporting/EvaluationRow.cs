using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;

namespace Tuner.Cli.Reporting;

/// <summary>One policy on one trace, as tables and JSON show it. Times in milliseconds.</summary>
internal sealed record EvaluationRow(
    string Policy,
    string Traffic,
    double SloAttainment,
    double GoodputPerSecond,
    int Requests,
    int Completed,
    double[] TtftMs,
    double[] TpotMs,
    double OutputTokensPerSecond,
    double QualityLoss,
    double JoulesPerToken,
    int Switches,
    double MedianLatencySeconds,
    double? SustainedLoad,
    (double Low, double High) AttainmentInterval,
    RunResult Run)
{
    public static EvaluationRow Of(RunResult run, string traffic, ulong seed, double? sustained = null)
    {
        RequestOutcome[] completed = [.. run.Outcomes.Where(outcome => outcome.Completed)];
        double seconds = Math.Max(run.DurationSeconds, 1e-9);
        return new EvaluationRow(
            run.Policy,
            traffic,
            run.Attainment,
            run.Outcomes.Count(outcome => outcome.Met) / seconds,
            run.Outcomes.Count,
            completed.Length,
            Percentiles(completed.Select(outcome => 1000 * outcome.TtftSeconds)),
            Percentiles(completed.Where(outcome => outcome.OutputTokens > 1).Select(outcome => 1000 * outcome.TpotSeconds)),
            completed.Sum(outcome => (double)outcome.OutputTokens) / seconds,
            run.QualityLoss,
            run.JoulesPerToken,
            run.Switches,
            Percentiles(completed.Select(outcome => outcome.LatencySeconds))[0],
            sustained,
            run.AttainmentInterval(seed),
            run);
    }

    private static double[] Percentiles(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? [0, 0, 0] : [At(0.5), At(0.9), At(0.99)];
        double At(double share) => sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
