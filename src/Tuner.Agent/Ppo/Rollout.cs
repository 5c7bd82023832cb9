namespace Tuner.Agent.Ppo;

/// <summary>What PPO learns from: the same number of consecutive steps of each environment, one environment after another.</summary>
internal sealed class Rollout(int environments, int steps, int observations, int heads, int rows)
{
    public int Environments { get; } = environments;

    public int Steps { get; } = steps;

    public int Count { get; } = environments * steps;

    /// <summary>As the networks saw them: normalised.</summary>
    public float[] Observations { get; } = new float[environments * steps * observations];

    /// <summary>The row of each head's value, as <c>HeadLayout</c> has them.</summary>
    public long[] Actions { get; } = new long[environments * steps * heads];

    /// <summary>What was allowed, padded likewise.</summary>
    public bool[] Masks { get; } = new bool[environments * steps * rows];

    public float[] LogProbs { get; } = new float[environments * steps];

    public float[] Values { get; } = new float[environments * steps];

    /// <summary>Value of what followed each step; after a truncated one, of the episode's last observation.</summary>
    public float[] NextValues { get; } = new float[environments * steps];

    public float[] Rewards { get; } = new float[environments * steps];

    public StepEnd[] Ends { get; } = new StepEnd[environments * steps];

    public float[] Advantages { get; } = new float[environments * steps];

    public float[] Returns { get; } = new float[environments * steps];

    /// <summary>Fills <see cref="Advantages"/> and <see cref="Returns"/> from the rest.</summary>
    public void Estimate(float discount, float lambda)
    {
        for (int i = 0; i < Environments; i++)
        {
            int from = i * Steps;
            Ppo.Advantages.Estimate(
                Rewards.AsSpan(from, Steps), Values.AsSpan(from, Steps), NextValues.AsSpan(from, Steps), Ends.AsSpan(from, Steps),
                discount, lambda, Advantages.AsSpan(from, Steps));
        }

        for (int k = 0; k < Count; k++)
            Returns[k] = Advantages[k] + Values[k];
    }
}
