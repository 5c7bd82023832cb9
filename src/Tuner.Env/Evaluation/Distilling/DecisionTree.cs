namespace Tuner.Env.Evaluation.Distilling;

/// <summary>A small classification tree (CART: Breiman, Friedman, Olshen and Stone, 1984), grown greedily on Gini impurity.</summary>
/// <remarks><code>
/// impurity = n·(1 − Σ pₖ²)        split: the column and threshold with the largest fall of impurity, summed over both sides
/// </code>
/// Thresholds lie halfway between neighbouring values. Of equal splits the first column's lowest wins: same examples, same tree.
/// Sides with one answer are joined again.
/// </remarks>
public static class DecisionTree
{
    /// <summary>Grows a tree.</summary>
    /// <param name="rows">Examples, all of one length, without NaN; at least one.</param>
    /// <param name="labels">One label an example, 0 to <paramref name="labelCount"/> − 1.</param>
    /// <param name="labelCount">Number of labels.</param>
    /// <param name="depth">Most questions from root to answer, at least 0: 3 gives at most 8 answers.</param>
    /// <param name="leastRows">Fewest examples behind an answer, at least 1.</param>
    public static TreeNode Grow(IReadOnlyList<double[]> rows, IReadOnlyList<int> labels, int labelCount, int depth, int leastRows)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Count, rows.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfLessThan(leastRows, 1);
        return Grow(rows, labels, labelCount, [.. Enumerable.Range(0, rows.Count)], depth, leastRows);
    }

    private static TreeNode Grow(IReadOnlyList<double[]> rows, IReadOnlyList<int> labels, int labelCount, int[] members, int depth, int leastRows)
    {
        int[] counts = new int[labelCount];
        foreach (int member in members)
            counts[labels[member]]++;
        int label = Array.IndexOf(counts, counts.Max());
        var answer = new TreeNode(-1, 0, null, null, label);
        if (depth == 0 || counts[label] == members.Length || Split(rows, labels, counts, members, leastRows) is not { } split)
            return answer;
        TreeNode below = Grow(rows, labels, labelCount, [.. members.Where(member => rows[member][split.Field] <= split.Threshold)], depth - 1, leastRows);
        TreeNode above = Grow(rows, labels, labelCount, [.. members.Where(member => rows[member][split.Field] > split.Threshold)], depth - 1, leastRows);
        return below.Below is null && above.Below is null && below.Label == above.Label ? answer : new TreeNode(split.Field, split.Threshold, below, above, label);
    }

    private static (int Field, double Threshold)? Split(IReadOnlyList<double[]> rows, IReadOnlyList<int> labels, int[] counts, int[] members, int leastRows)
    {
        (int, double)? found = null;

        // A fall this small is rounding.
        double best = Impurity(counts, members.Length) - 1e-9;
        int[] below = new int[counts.Length];
        int[] above = new int[counts.Length];
        for (int field = 0; field < rows[0].Length; field++)
        {
            int[] order = [.. members.OrderBy(member => rows[member][field])];
            Array.Clear(below);
            counts.CopyTo(above, 0);
            for (int i = 0; i + 1 < order.Length; i++)
            {
                below[labels[order[i]]]++;
                above[labels[order[i]]]--;
                (double value, double next) = (rows[order[i]][field], rows[order[i + 1]][field]);
                if (value == next || i + 1 < leastRows || order.Length - i - 1 < leastRows)
                    continue;
                double impurity = Impurity(below, i + 1) + Impurity(above, order.Length - i - 1);
                if (impurity < best)
                    (best, found) = (impurity - 1e-9, (field, value + ((next - value) / 2)));
            }
        }

        return found;
    }

    private static double Impurity(ReadOnlySpan<int> counts, int total)
    {
        double squares = 0;
        foreach (int count in counts)
            squares += (double)count * count;
        return total - (squares / total);
    }
}
