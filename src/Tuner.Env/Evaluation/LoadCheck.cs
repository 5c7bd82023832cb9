using Tuner.Env.Cluster;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation;

/// <summary>Whether a policy carries a load: enough promises met, within the quality budget. Stops as soon as too many are broken.</summary>
internal sealed class LoadCheck : IOutcomeSink
{
    private int missed;
    private int completed;
    private double loss;

    private LoadCheck()
    {
    }

    /// <summary>Runs the policy over the trace, or the part of it that decides.</summary>
    public static bool Carries(EngineCostCache costs, TrafficTrace trace, ITuningPolicy policy, KnobSettings start, CancellationToken cancellation)
    {
        if (trace.Count == 0)
            return false; // serving nobody proves nothing
        Scenario scenario = costs.Scenario;
        int mayMiss = (int)Math.Floor((1 - scenario.AttainmentTarget) * trace.Count + 1e-9);
        var check = new LoadCheck();
        var loop = new PolicyLoop(costs, trace, policy, start, check, PolicyRunner.WindowSeconds);
        while (check.missed <= mayMiss && loop.Next())
            cancellation.ThrowIfCancellationRequested();
        return check.missed + loop.Cluster.InFlight <= mayMiss && check.loss <= (scenario.Quality.Budget + 1e-9) * check.completed;
    }

    /// <inheritdoc/>
    public void Add(in RequestOutcome outcome)
    {
        if (!outcome.Met)
            missed++;
        if (!outcome.Completed)
            return;
        completed++;
        loss += outcome.QualityLoss;
    }
}
