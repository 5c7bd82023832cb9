using System.Globalization;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;

namespace Tuner.Cli.Reporting;

/// <summary>Says in words where the trained policy stands, losses as plainly as wins.</summary>
internal static class Verdict
{
    public static IEnumerable<string> Sentences(IReadOnlyList<EvaluationRow> rows, Scenario scenario, IReadOnlyDictionary<string, double> scales, ulong seed)
    {
        foreach (IGrouping<string, EvaluationRow> group in rows.GroupBy(row => row.Traffic))
        {
            if (group.FirstOrDefault(row => row.Policy == "tuner") is not { } tuner)
                continue;
            yield return FormattableString.Invariant($"{group.Key} at {RateMultiple.Text(scales[group.Key])} × its rate:");
            foreach (EvaluationRow rival in group.Where(row => row != tuner))
            {
                PairedDifference more = PairedDifference.Of(tuner.Run, rival.Run, seed);
                string word = more.Low > 0 ? "beats" : more.High < 0 ? "loses to" : "is level with";
                string budget = rival.QualityLoss > scenario.Quality.Budget + 1e-9 ? " (which overdraws the quality budget)" : "";
                yield return FormattableString.Invariant($"  tuner {word} {rival.Policy}{budget}: {Points(more.Mean)} points of promises kept, 95 % [{Points(more.Low)}, {Points(more.High)}]");
            }

            if (tuner.SustainedLoad is { } carried)
            {
                foreach ((string rival, double load) in group.Where(row => row != tuner && row.SustainedLoad > 0).Select(row => (row.Policy, row.SustainedLoad!.Value)))
                    yield return FormattableString.Invariant($"  sustained load: tuner {RateMultiple.Text(carried)} × the rate, {carried / load:0.00} times {rival}'s {RateMultiple.Text(load)}");
            }

            if (tuner.QualityLoss > scenario.Quality.Budget + 1e-9)
                yield return FormattableString.Invariant($"  tuner overdraws the quality budget: {tuner.QualityLoss:0.00} of {scenario.Quality.Budget:0.00} points");
        }
    }

    // Rounded first: a hair below zero would print as "-+0.0".
    private static string Points(double share) => Math.Round(100 * share, 1).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
