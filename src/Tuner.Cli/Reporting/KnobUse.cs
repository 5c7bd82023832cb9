using Tuner.Env.Evaluation;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Reporting;

/// <summary>How a policy used its knobs over a run.</summary>
/// <param name="SwitchesPerHour">Changes of settings an hour of simulated time.</param>
/// <param name="HeavyPerHour">Windows an hour in which changes took the replicas more than a second each, on average over them.</param>
/// <param name="Knobs">For each knob: changes an hour, and the share of windows away from the value it had most.</param>
internal sealed record KnobUse(double SwitchesPerHour, double HeavyPerHour, IReadOnlyList<(Knob Knob, double ChangesPerHour, double Away)> Knobs)
{
    private const double HeavySeconds = 1;

    /// <summary>Counts.</summary>
    public static KnobUse Of(RunResult run)
    {
        double hours = Math.Max(1e-9, run.Windows.Sum(window => window.Seconds) / 3600);
        int heavy = run.Windows.Count(window => window.SwitchShare * window.Seconds > HeavySeconds);
        return new KnobUse(run.Switches / hours, heavy / hours, [.. Enum.GetValues<Knob>().Select(knob => (knob, Changes(run, knob) / hours, Away(run, knob)))]);
    }

    private static int Changes(RunResult run, Knob knob) => run.Settings.Zip(run.Settings.Skip(1), (before, after) => before[knob] != after[knob] ? 1 : 0).Sum();

    private static double Away(RunResult run, Knob knob)
        => run.Settings.Count == 0 ? 0 : 1 - (run.Settings.GroupBy(settings => settings[knob]).Max(group => group.Count()) / (double)run.Settings.Count);
}
