namespace Tuner.Env.Baselines.Bandit;

/// <summary>What one choice has paid in contexts met so far: ridge regression, kept up to date one context at a time.</summary>
internal sealed class LinearArm
{
    private readonly double[] inverse; // (I + Σ x xᵀ)⁻¹, row by row
    private readonly double[] paid;    // Σ reward · x
    private readonly double[] scratch;

    /// <param name="size">Length of a context.</param>
    public LinearArm(int size)
    {
        inverse = new double[size * size];
        paid = new double[size];
        scratch = new double[size];
        for (int i = 0; i < size; i++)
            inverse[(i * size) + i] = 1;
    }

    private LinearArm(LinearArm other)
    {
        inverse = [.. other.inverse];
        paid = [.. other.paid];
        scratch = new double[paid.Length];
    }

    /// <summary>An arm that knows the same and learns by itself.</summary>
    public LinearArm Copy() => new(this);

    /// <summary>The reward expected, and how far it may lie above that.</summary>
    /// <param name="context">The context.</param>
    /// <returns>Mean, and the root of xᵀA⁻¹x.</returns>
    public (double Mean, double Width) Expect(ReadOnlySpan<double> context)
    {
        Through(context);
        double mean = 0;
        double variance = 0;
        for (int i = 0; i < scratch.Length; i++)
        {
            mean += scratch[i] * paid[i];
            variance += scratch[i] * context[i];
        }

        return (mean, Math.Sqrt(Math.Max(0, variance)));
    }

    /// <summary>Learns what a choice paid (Sherman and Morrison 1950).</summary>
    /// <param name="context">The context it was made in.</param>
    /// <param name="reward">What it paid.</param>
    public void Learn(ReadOnlySpan<double> context, double reward)
    {
        Through(context);
        double denominator = 1;
        for (int i = 0; i < scratch.Length; i++)
            denominator += scratch[i] * context[i];
        for (int i = 0; i < scratch.Length; i++)
        {
            for (int j = 0; j < scratch.Length; j++)
                inverse[(i * scratch.Length) + j] -= scratch[i] * scratch[j] / denominator;
            paid[i] += reward * context[i];
        }
    }

    private void Through(ReadOnlySpan<double> context)
    {
        for (int i = 0; i < scratch.Length; i++)
        {
            double sum = 0;
            for (int j = 0; j < scratch.Length; j++)
                sum += inverse[(i * scratch.Length) + j] * context[j];
            scratch[i] = sum;
        }
    }
}
