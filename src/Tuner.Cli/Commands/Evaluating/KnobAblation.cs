using Tuner.Cli.Reporting;
using Tuner.Env.Evaluation;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Evaluating;

/// <summary>What each knob contributes: the policy again with that knob held where it begins.</summary>
internal static class KnobAblation
{
    /// <summary>Measures on one trace.</summary>
    /// <param name="tuner">The policy.</param>
    /// <param name="trace">The arrivals, at the load to compare at.</param>
    /// <param name="whole">The policy's run over them with all its knobs.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <returns>The whole policy, then one row for each knob it turned; the difference is what taking the knob away changes.</returns>
    public static List<DifferenceRow> Run(PolicyContender tuner, TrafficTrace trace, RunResult whole, ulong seed, CancellationToken cancellation)
    {
        Knob[] turned = [.. Enum.GetValues<Knob>().Where(knob => whole.Settings.Any(settings => settings[knob] != tuner.Start[knob]))];
        var rows = new DifferenceRow[turned.Length];
        Parallel.For(0, turned.Length, Cores.Each(cancellation), i =>
        {
            var held = new PolicyContender(tuner.Costs, () => new HeldKnobPolicy(tuner.Make(), turned[i], tuner.Start[turned[i]]), tuner.Start);
            RunResult run = held.Run(trace, cancellation);
            rows[i] = new DifferenceRow(trace.Name, $"without {turned[i]}", "tuner", run.Attainment, run.QualityLoss, run.Switches, PairedDifference.Of(run, whole, seed));
        });
        return [new DifferenceRow(trace.Name, "all knobs", "tuner", whole.Attainment, whole.QualityLoss, whole.Switches, null), .. rows];
    }
}
