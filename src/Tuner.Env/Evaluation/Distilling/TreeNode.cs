namespace Tuner.Env.Evaluation.Distilling;

/// <summary>A question of a decision tree, or an answer.</summary>
/// <param name="Field">Column asked about; of an answer −1.</param>
/// <param name="Threshold">Up to and including this goes to <paramref name="Below"/>.</param>
/// <param name="Below">The branch at or below the threshold; null of an answer.</param>
/// <param name="Above">The branch above it; null of an answer.</param>
/// <param name="Label">The commonest label of the examples here.</param>
public sealed record TreeNode(int Field, double Threshold, TreeNode? Below, TreeNode? Above, int Label)
{
    /// <summary>The answer these values lead to.</summary>
    /// <param name="values">One value a column.</param>
    public TreeNode Leaf(ReadOnlySpan<double> values)
    {
        TreeNode node = this;
        while (node.Below is { } below)
            node = values[node.Field] <= node.Threshold ? below : node.Above!;
        return node;
    }
}
