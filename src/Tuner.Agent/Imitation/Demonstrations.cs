using Tuner.Policy.Inference;

namespace Tuner.Agent.Imitation;

/// <summary>What was seen, what was allowed, and what a teacher would have done: examples to imitate.</summary>
/// <param name="headSizes">Values of each action head.</param>
public sealed class Demonstrations(ReadOnlyMemory<int> headSizes)
{
    private readonly List<float[]> observations = [];
    private readonly List<bool[]> masks = [];
    private readonly List<int[]> actions = [];
    private readonly List<float> weights = [];
    private readonly List<IReadOnlyList<Alternative>> alternatives = [];

    /// <summary>Number of examples.</summary>
    public int Count => observations.Count;

    /// <summary>Values of each action head.</summary>
    public ReadOnlySpan<int> HeadSizes => headSizes.Span;

    internal IReadOnlyList<float[]> Observations => observations;

    internal IReadOnlyList<bool[]> Masks => masks;

    internal IReadOnlyList<int[]> Actions => actions;

    internal IReadOnlyList<float> Weights => weights;

    internal IReadOnlyList<IReadOnlyList<Alternative>> Alternatives => alternatives;

    /// <summary>Adds an example; all is copied.</summary>
    /// <param name="observation">What was seen, not normalised.</param>
    /// <param name="mask">What was allowed.</param>
    /// <param name="action">What the teacher wanted: one value a head, each allowed.</param>
    /// <param name="weight">How much it matters to get this one right; above 0.</param>
    /// <param name="regrets">What could be done and what each would have cost, the wanted action among them; null when only that is known.</param>
    /// <exception cref="ArgumentException">The mask forbids the action.</exception>
    public void Add(ReadOnlySpan<float> observation, ReadOnlySpan<bool> mask, ReadOnlySpan<int> action, double weight = 1, IReadOnlyList<Alternative>? regrets = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        if (float.IsNegativeInfinity(MaskedChoice.LogProbability(new float[mask.Length], HeadSizes, mask, action)))
            throw new ArgumentException("The mask forbids what the teacher wanted.", nameof(action));
        observations.Add(observation.ToArray());
        masks.Add(mask.ToArray());
        actions.Add(action.ToArray());
        weights.Add((float)weight);
        alternatives.Add(regrets ?? []);
    }

    /// <summary>Adds all of another's examples.</summary>
    public void Add(Demonstrations other)
    {
        observations.AddRange(other.observations);
        masks.AddRange(other.masks);
        actions.AddRange(other.actions);
        weights.AddRange(other.weights);
        alternatives.AddRange(other.alternatives);
    }
}
