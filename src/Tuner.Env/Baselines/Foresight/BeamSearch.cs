using System.Collections.Concurrent;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.Foresight;

/// <summary>Plans a whole trace: settings step by step, each tried on copies of the cluster that serves what really arrives.</summary>
/// <remarks>
/// Every kept plan is continued with every candidate, held over the step and a tail beyond it. Of plans that end in the same settings the best
/// survives (Viterbi 1967), and of those the best few. The result is the same on any number of threads.
/// </remarks>
/// <param name="costs">The scenario and its prepared engines.</param>
/// <param name="trace">The arrivals.</param>
/// <param name="options">What is tried, and how hard.</param>
internal sealed class BeamSearch(EngineCostCache costs, TrafficTrace trace, OracleOptions options)
{
    private readonly ConcurrentBag<Branch> tails = [];
    private readonly Stack<Branch> free = [];

    /// <summary>Plans at one price of quality.</summary>
    /// <param name="price">Promises a point of quality costs.</param>
    /// <param name="mayMiss">Gives up when even the best plan breaks more promises than this.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>The plan; null when it gave up.</returns>
    public KnobSchedule? Plan(double price, int mayMiss, CancellationToken cancellation)
    {
        List<(Branch From, KnobSettings Settings)> tries = [.. options.Candidates.Select(candidate => (Root(candidate), candidate))];
        List<Branch> beam = [];
        for (double at = 0; at < trace.DurationSeconds; at += options.StepSeconds)
        {
            if (at > 0)
                tries = [.. from branch in beam from candidate in options.Candidates where MayFollow(branch, candidate) select (branch, candidate)];
            Branch[] grown = [.. tries.Select(_ => free.TryPop(out Branch? idle) ? idle : Root(options.Candidates[0]))];
            double from = at;
            Parallel.For(0, grown.Length, Cores.Each(cancellation), i => Grow(grown[i], tries[i].From, tries[i].Settings, from, price));
            foreach (Branch branch in beam)
                free.Push(branch);
            beam = [.. grown.OrderByDescending(branch => branch.Value).DistinctBy(branch => branch.Step!.Settings).Take(options.Width)];
            foreach (Branch branch in grown.Except(beam))
                free.Push(branch);
            if (beam.TrueForAll(branch => branch.Missed > mayMiss))
            {
                beam.ForEach(free.Push);
                return null;
            }
        }

        beam.ForEach(free.Push);
        return Schedule(beam.Count > 0 ? beam[0].Step : null);
    }

    private bool MayFollow(Branch branch, in KnobSettings candidate)
        => candidate.Parallelism == branch.Step!.Settings.Parallelism || branch.Cluster.SecondsSinceLayoutChange >= options.LayoutCooldownSeconds;

    private void Grow(Branch branch, Branch parent, in KnobSettings settings, double at, double price)
    {
        branch.CopyFrom(parent);
        branch.Cluster.Change(settings);
        branch.Step = new OracleStep(parent.Step, at, settings);
        branch.Advance(at + options.StepSeconds);
        Branch tail = tails.TryTake(out Branch? idle) ? idle : Root(settings);
        tail.CopyFrom(branch);
        tail.Advance(at + options.StepSeconds + options.TailSeconds);
        branch.Value = tail.Worth(price, costs.Scenario.QualityLoss(settings), options.WaitingPrice);
        tails.Add(tail);
    }

    private Branch Root(in KnobSettings settings) => new(new ServingCluster(costs.Scenario, costs, trace, settings));

    private KnobSchedule Schedule(OracleStep? last)
    {
        var steps = new List<OracleStep>();
        for (OracleStep? step = last; step is not null; step = step.Before)
            steps.Add(step);
        steps.Reverse();
        KnobSettings start = steps.Count > 0 ? steps[0].Settings : options.Candidates[0];
        var changes = new List<ScheduledChange>();
        for (int i = 1; i < steps.Count; i++)
        {
            if (steps[i].Settings != steps[i - 1].Settings)
                changes.Add(new ScheduledChange(steps[i].Seconds, steps[i].Settings));
        }

        return new KnobSchedule(start, changes);
    }
}
