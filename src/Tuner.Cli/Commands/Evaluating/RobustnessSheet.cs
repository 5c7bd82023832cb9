using Tuner.Cli.Reporting;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Evaluation.Disturbing;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Evaluating;

/// <summary>A policy and what it is held against, each under every <see cref="Disturbance"/>.</summary>
internal static class RobustnessSheet
{
    /// <summary>Measures on one trace.</summary>
    /// <param name="contenders">Who is compared; the first is what the others are held against.</param>
    /// <param name="trace">The arrivals, at the load to compare at.</param>
    /// <param name="seed">Seed of noise, bursts and resampling.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <returns>Disturbance by disturbance, contender by contender.</returns>
    public static List<DifferenceRow> Run(IReadOnlyList<PolicyContender> contenders, TrafficTrace trace, ulong seed, CancellationToken cancellation)
    {
        IReadOnlyList<Disturbance> disturbances = Disturbance.All(seed);
        var runs = new RunResult[disturbances.Count * contenders.Count];
        Parallel.For(0, runs.Length, Cores.Each(cancellation), i =>
        {
            Disturbance disturbance = disturbances[i / contenders.Count];
            PolicyContender usual = contenders[i % contenders.Count];
            EngineCostCache costs = disturbance.Costs(usual.Costs);
            runs[i] = PolicyRunner.Run(costs, disturbance.Traffic(trace), disturbance.Telemetry(usual.Make()), usual.Start, cancellation: cancellation);
        });
        return [.. runs.Select((run, i) =>
        {
            bool first = i % contenders.Count == 0;
            RunResult reference = runs[i / contenders.Count * contenders.Count];
            return new DifferenceRow(trace.Name, disturbances[i / contenders.Count].Name, contenders[i % contenders.Count].Name, run.Attainment, run.QualityLoss, run.Switches, first ? null : PairedDifference.Of(run, reference, seed));
        })];
    }
}
