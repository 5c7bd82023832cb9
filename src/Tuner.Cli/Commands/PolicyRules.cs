using Spectre.Console;
using Tuner.Cli.Commands.Training;
using Tuner.Cli.Reporting;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Evaluation.Distilling;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Files;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary><c>tuner inspect --rules</c>: a policy as a small decision table, beside the five-row table.</summary>
internal static class PolicyRules
{
    private const double PresetSeconds = 1800;

    /// <summary>How much of a trace file the table is grown on; the rest judges it.</summary>
    private const double FitShare = 0.6;

    /// <summary>Multiples of what the policy's first settings sustain.</summary>
    private static readonly double[] Loads = [0.6, 0.9, 1.2];

    public static void Run(IAnsiConsole console, PolicyFile policy, string? scenario, string[]? traffic, string? json, ulong seed, CancellationToken cancellation)
    {
        Shared.RequireWritableFile(json);
        EngineCostCache costs = Shared.Load(scenario ?? policy.Manifest.Scenario);
        KnobSettings start = Trainer.StartOf(costs.Scenario, policy);
        var fitting = new List<TrafficTrace>();
        var heldOut = new List<TrafficTrace>();
        foreach (string name in traffic is { Length: > 0 } ? traffic : [.. TrafficPresets.Names])
        {
            (TrafficTrace early, TrafficTrace late) = Parts(name, seed);
            double carried = SustainedLoad.Find(costs, early, () => new FixedPolicy("start", start), seed, start, cancellation: cancellation);
            if (carried == 0)
                throw new UserErrorException($"{name}: {costs.Scenario.Name} carries none of it with the policy's first settings; expected traffic that can be served.");
            fitting.AddRange(Loads.Select(load => early.Scaled(load * carried, seed)));
            heldOut.AddRange(Loads.Select(load => late.Scaled(load * carried, seed)));
        }

        var distiller = new PolicyDistiller(costs, () => Trainer.Load(costs.Scenario, policy), start);
        DistilledTable found = distiller.Distill(fitting, heldOut, seed, cancellation);
        RulesTable.Write(console, costs.Scenario, found);
        if (json is not null)
            Shared.WriteFile(json, RulesTable.Json(costs.Scenario, found));
    }

    /// <summary>Traffic to grow on and to judge by: two seeds of a preset, two times of a trace file.</summary>
    private static (TrafficTrace Early, TrafficTrace Late) Parts(string name, ulong seed)
    {
        if (!File.Exists(name))
            return (Preset(seed + 40_000), Preset(seed + 50_000));
        TrafficTrace whole = Shared.LoadTraffic([name], seed)[0];
        double cut = FitShare * whole.DurationSeconds;
        (TrafficTrace early, TrafficTrace late) = (whole.Slice(0, cut), whole.Slice(cut, whole.DurationSeconds - cut));
        return early.Count > 0 && Math.Min(early.DurationSeconds, late.DurationSeconds) >= 10 * PolicyRunner.WindowSeconds && late.Count > 0
            ? (early, late)
            : throw new UserErrorException(FormattableString.Invariant($"{name}: {whole.DurationSeconds:0} s of traffic; --rules needs at least 250 s with requests in the first 60 % and the rest."));

        TrafficTrace Preset(ulong own) => TrafficTrace.Load(TrafficCatalog.Open(name, own, PresetSeconds));
    }
}
