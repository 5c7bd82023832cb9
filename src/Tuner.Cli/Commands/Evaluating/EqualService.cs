using Tuner.Cli.Reporting;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Evaluating;

/// <summary>What a policy gives where fixed settings just suffice: speed at the load the best one carries, and quality at a load that takes a lossy one.</summary>
/// <param name="costs">The scenario and its prepared engines.</param>
/// <param name="training">Training traffic, on which the lossy setting is found.</param>
/// <param name="seed">Seed of rate scaling and resampling.</param>
/// <param name="cancellation">Stops between runs.</param>
internal sealed class EqualService(EngineCostCache costs, TrafficTrace training, ulong seed, CancellationToken cancellation)
{
    private readonly EngineCostCache unbounded = new(costs.Scenario with { Quality = costs.Scenario.Quality with { Budget = double.MaxValue } });
    private LoadedSettings? lossy;

    /// <summary>Measures on one trace.</summary>
    /// <param name="trace">The arrivals at multiple 1.</param>
    /// <param name="tuner">The policy, and the load it carries.</param>
    /// <param name="best">The best fixed setting, and the load it carries.</param>
    public EqualServiceRow Measure(TrafficTrace trace, (PolicyContender Policy, double Load) tuner, (PolicyContender Policy, double Load) best)
    {
        TrafficTrace held = trace.Scaled(Math.Max(0.01, best.Load), seed);
        EvaluationRow own = EvaluationRow.Of(tuner.Policy.Run(held, cancellation), trace.Name, seed);
        EvaluationRow fix = EvaluationRow.Of(best.Policy.Run(held, cancellation), trace.Name, seed);
        lossy ??= LiveProgress.Run("searching fixed settings whatever they lose", FindLossy);
        double load = Math.Min(tuner.Load, SustainedLoad.Find(unbounded, trace, () => new FixedPolicy("lossy", lossy.Settings), seed, lossy.Settings, Math.Max(0.01, best.Load), cancellation: cancellation));
        bool beyond = load > best.Load && costs.Scenario.QualityLoss(lossy.Settings) > costs.Scenario.Quality.Budget;
        double spent = beyond ? tuner.Policy.Run(trace.Scaled(load, seed), cancellation).QualityLoss : 0;
        return new EqualServiceRow(
            trace.Name,
            best.Load,
            PairedDifference.Of(own.Run, fix.Run, seed),
            own.MedianLatencySeconds / fix.MedianLatencySeconds,
            own.JoulesPerToken / fix.JoulesPerToken,
            beyond ? load : null,
            spent,
            costs.Scenario.QualityLoss(lossy.Settings));
    }

    private LoadedSettings FindLossy(IProgress<double> report)
    {
        KnobSettings[] all = [costs.Scenario.DefaultSettings, .. KnobGrid.Of(costs.Scenario).Where(settings => settings != costs.Scenario.DefaultSettings)];
        return SustainedSearch.Run(unbounded, training, all, seed, report, cancellation)[0];
    }
}
