using Tuner.Env.Simulation;

namespace Tuner.Env.Evaluation.Distilling;

public sealed class DecisionTreeTests
{
    [Test]
    public void Grow_AKnownRule_IsRecoveredExactly()
    {
        RandomStream random = RandomStream.For(3, "rows");
        double[][] rows = [.. Enumerable.Range(0, 500).Select(_ => new[] { random.NextDouble(), 10 * random.NextDouble(), random.NextDouble() })];

        TreeNode tree = DecisionTree.Grow(rows, [.. rows.Select(Rule)], labelCount: 3, depth: 3, leastRows: 1);

        double[][] unseen = [.. Enumerable.Range(0, 1000).Select(_ => new[] { random.NextDouble(), 10 * random.NextDouble(), random.NextDouble() })];
        Assert.That((tree.Field, tree.Threshold), Is.EqualTo((1, 4.0)).Using<(int Field, double Threshold)>((a, b) => a.Field == b.Field && Math.Abs(a.Threshold - b.Threshold) < 0.1));
        Assert.That(rows.Count(row => tree.Leaf(row).Label == Rule(row)), Is.EqualTo(rows.Length));
        Assert.That(unseen.Count(row => tree.Leaf(row).Label == Rule(row)), Is.GreaterThan(980));

        static int Rule(double[] row) => row[1] > 4 ? 2 : row[0] > 0.5 ? 1 : 0;
    }

    [Test]
    public void Grow_LabelsThatDependOnNothing_GivesTheCommonestAlone()
    {
        TreeNode tree = DecisionTree.Grow([[1], [1], [1]], [1, 0, 1], labelCount: 2, depth: 3, leastRows: 1);

        Assert.That((tree.Below, tree.Label), Is.EqualTo(((TreeNode?)null, 1)));
    }

    [Test]
    public void Grow_FewExamplesBehindAnAnswer_DoesNotSplitThem()
    {
        TreeNode tree = DecisionTree.Grow([[1], [2], [3], [4]], [0, 1, 1, 1], labelCount: 2, depth: 3, leastRows: 2);

        Assert.That((tree.Field, tree.Threshold), Is.EqualTo((0, 2.5)));
    }
}
