using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation.Distilling;

/// <summary>Turns a policy into a small decision table by watching it (Bastani et al., arXiv:1805.08328, without its relabelling), and measures what was lost.</summary>
/// <param name="costs">The scenario and its prepared engines.</param>
/// <param name="make">Makes the policy, once a run.</param>
/// <param name="start">Settings each run begins with.</param>
public sealed class PolicyDistiller(EngineCostCache costs, Func<ITuningPolicy> make, KnobSettings start)
{
    private const int Depth = 3;

    /// <summary>An answer rests on at least this share of the windows.</summary>
    private const double LeastShare = 0.01;

    /// <summary>Grows the table on some traffic and judges it on other traffic.</summary>
    /// <param name="fitting">Traffic to grow on, at least one trace of some windows.</param>
    /// <param name="heldOut">Traffic to judge on: another seed or a later time.</param>
    /// <param name="seed">Seed of the intervals.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <exception cref="ArgumentException">There are no windows to grow on or to judge by.</exception>
    public DistilledTable Distill(IReadOnlyList<TrafficTrace> fitting, IReadOnlyList<TrafficTrace> heldOut, ulong seed, CancellationToken cancellation = default)
    {
        Decisions seen = Decisions.Of(costs.Scenario, Runs(fitting, make, cancellation));
        RunResult[] policyRuns = Runs(heldOut, make, cancellation);
        Decisions unseen = Decisions.Of(costs.Scenario, policyRuns);
        if (seen.Rows.Count == 0 || unseen.Rows.Count == 0)
            throw new ArgumentException($"{seen.Rows.Count} windows to grow a table on and {unseen.Rows.Count} to judge it by; both need at least one, of {PolicyRunner.WindowSeconds} s.", seen.Rows.Count == 0 ? nameof(fitting) : nameof(heldOut));

        KnobSettings[] settings = [.. seen.Wanted.Distinct()];
        int[] labels = [.. seen.Wanted.Select(wanted => Array.IndexOf(settings, wanted))];
        TreeNode tree = DecisionTree.Grow(seen.Rows, labels, settings.Length, Depth, Math.Max(1, (int)(LeastShare * labels.Length)));
        TreeNode constant = new(-1, 0, null, null, tree.Label);
        RunResult[] tableRuns = Runs(heldOut, () => new DistilledPolicy(costs.Scenario, tree, settings), cancellation);

        return new DistilledTable(
            [.. Rows(tree, settings, unseen)],
            unseen.Rows.Count,
            Agreement(tree, settings, unseen),
            Agreement(constant, settings, unseen),
            Agreement(tree, settings, seen),
            Kept(policyRuns),
            Kept(tableRuns),
            PairedDifference.Of(tableRuns, policyRuns, (_, _) => true, seed),
            QualityLoss(policyRuns),
            QualityLoss(tableRuns),
            [.. Enum.GetValues<TalkRow>().Select(row => Beside(row, heldOut, policyRuns, seed, cancellation))]);
    }

    private static double Agreement(TreeNode tree, KnobSettings[] settings, Decisions decisions)
        => Enumerable.Range(0, decisions.Rows.Count).Average(i => settings[tree.Leaf(decisions.Rows[i]).Label] == decisions.Wanted[i] ? 1.0 : 0);

    private static double Kept(RunResult[] runs) => runs.Sum(run => run.Outcomes.Count(each => each.Met)) / (double)Math.Max(1, runs.Sum(run => run.Outcomes.Count));

    private static double QualityLoss(RunResult[] runs) => runs.Sum(run => run.QualityLoss * run.Completed) / Math.Max(1, runs.Sum(run => run.Completed));

    private static IEnumerable<DistilledRow> Rows(TreeNode tree, KnobSettings[] settings, Decisions unseen)
    {
        foreach ((TreeNode leaf, IReadOnlyList<RowCondition> conditions) in Paths(tree, []))
        {
            int[] here = [.. Enumerable.Range(0, unseen.Rows.Count).Where(i => ReferenceEquals(tree.Leaf(unseen.Rows[i]), leaf))];
            double agreed = here.Length == 0 ? double.NaN : here.Average(i => unseen.Wanted[i] == settings[leaf.Label] ? 1.0 : 0);
            yield return new DistilledRow(conditions, settings[leaf.Label], here.Length / (double)unseen.Rows.Count, agreed);
        }
    }

    private static IEnumerable<(TreeNode Leaf, IReadOnlyList<RowCondition> Conditions)> Paths(TreeNode node, IReadOnlyList<RowCondition> above)
    {
        if (node is not { Below: { } low, Above: { } high })
            return [(node, above)];
        return Paths(low, With(above, node, upper: true)).Concat(Paths(high, With(above, node, upper: false)));
    }

    /// <summary>The conditions with one more; a second one on the same field narrows the first.</summary>
    private static RowCondition[] With(IReadOnlyList<RowCondition> conditions, TreeNode node, bool upper)
    {
        PlainField field = PlainField.All[node.Field];
        RowCondition known = conditions.FirstOrDefault(each => each.Field == field) ?? new RowCondition(field, double.NegativeInfinity, double.PositiveInfinity);
        RowCondition narrowed = upper ? known with { UpTo = node.Threshold } : known with { Above = node.Threshold };
        return [.. conditions.Where(each => each.Field != field), narrowed];
    }

    private TalkFinding Beside(TalkRow row, IReadOnlyList<TrafficTrace> heldOut, RunResult[] policyRuns, ulong seed, CancellationToken cancellation)
    {
        // A row asks about arrivals alone: it applies in the same windows whoever decides.
        bool[][] held = [.. policyRuns.Select(run => run.Windows.Select(window => TalkTable.RowOf(costs.Scenario, window) == row).ToArray())];
        int arrivals = policyRuns.Sum(run => run.Windows.Count(window => window.Arrived > 0));
        int windows = held.Sum(run => run.Count(each => each));
        double share = windows / (double)Math.Max(1, arrivals);
        if (windows == 0 || TalkTable.Advice(row) is not { } mode)
            return new TalkFinding(row, share, double.NaN, null, null);
        double agreed = policyRuns.Select((run, r) => Enumerable.Range(0, run.Windows.Count).Count(i => held[r][i] && run.Settings[Math.Min(i + 1, run.Settings.Count - 1)].Parallelism == mode)).Sum() / (double)windows;
        if (costs.Scenario.Layouts[(int)mode] is null)
            return new TalkFinding(row, share, agreed, null, null);
        RunResult[] followed = Runs(heldOut, () => new TalkRowPolicy(costs.Scenario, make(), row), cancellation);
        return new TalkFinding(
            row,
            share,
            agreed,
            PairedDifference.Of(followed, policyRuns, (run, window) => window > 0 && window <= held[run].Length && held[run][window - 1], seed),
            PairedDifference.Of(followed, policyRuns, (_, _) => true, seed));
    }

    private RunResult[] Runs(IReadOnlyList<TrafficTrace> traces, Func<ITuningPolicy> policy, CancellationToken cancellation)
    {
        var runs = new RunResult[traces.Count];
        Parallel.For(0, runs.Length, Cores.Each(cancellation), i
            => runs[i] = PolicyRunner.Run(costs, traces[i], policy(), start, cancellation: cancellation));
        return runs;
    }
}
