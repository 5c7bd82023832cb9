namespace Tuner.Agent.Ppo;

/// <summary>Generalized advantage estimation (Schulman et al., arXiv:1506.02438).</summary>
internal static class Advantages
{
    /// <summary>Estimates the advantages of one environment's consecutive steps.</summary>
    /// <remarks><code>
    /// δ[t] = r[t] + γ·V[t+1] − V[t]        A[t] = δ[t] + γ·λ·A[t+1]
    /// </code>
    /// After a terminated step V[t+1] is 0; after a truncated one it is the critic's value of the last
    /// observation. After either, A[t+1] belongs to another episode and is 0.</remarks>
    public static void Estimate(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> values, ReadOnlySpan<float> nextValues, ReadOnlySpan<StepEnd> ends,
        float discount, float lambda, Span<float> advantages)
    {
        float next = 0f;
        for (int t = rewards.Length - 1; t >= 0; t--)
        {
            float future = ends[t] == StepEnd.Terminated ? 0f : nextValues[t];
            float surprise = rewards[t] + (discount * future) - values[t];
            next = ends[t] == StepEnd.None ? surprise + (discount * lambda * next) : surprise;
            advantages[t] = next;
        }
    }

    /// <summary>Share of the returns' variance the critic foresaw: <c>1 − Var(R − V) / Var(R)</c>; 0 when returns do not vary.</summary>
    public static double ExplainedVariance(ReadOnlySpan<float> values, ReadOnlySpan<float> returns)
    {
        (double sum, double square, double missSum, double missSquare) = (0, 0, 0, 0);
        for (int i = 0; i < returns.Length; i++)
        {
            double miss = (double)returns[i] - values[i];
            sum += returns[i];
            square += (double)returns[i] * returns[i];
            missSum += miss;
            missSquare += miss * miss;
        }

        double count = returns.Length;
        double variance = (square / count) - (sum / count * (sum / count));
        double left = (missSquare / count) - (missSum / count * (missSum / count));
        return variance > 1e-12 ? 1 - (left / variance) : 0;
    }
}
