using Tuner.Env.Simulation;
using Tuner.Env.Spaces;

namespace Tuner.Env.Toys;

/// <summary>Three heads of 4, 2 and 5 values, a mask that changes every step, and a best answer that is known.</summary>
/// <remarks>
/// The observation is a context of four, one-hot. In each context a head ranks its values; the mask, which the
/// observation does not show, forbids one value of each head. A step pays the share of heads that chose the best value still
/// allowed, so the best policy earns 1 a step. Learning it takes unequal heads, a joint probability and masks in both the
/// draw and the update. A head stands where it was last set, at 0 to begin with. Episodes are truncated after eight steps.
/// </remarks>
public sealed class MaskedHeadsToy : ISettingsEnvironment
{
    /// <summary>Steps of an episode, and so the best possible return.</summary>
    public const int MaxSteps = 8;

    private const int Contexts = 4;
    private readonly int[] forbidden = new int[3];
    private readonly int[] last = new int[3];
    private RandomStream random = RandomStream.For(0, "masked-heads");
    private int context;
    private int steps;
    private bool running;

    /// <inheritdoc/>
    public BoxSpace ObservationSpace { get; } = new([0, 0, 0, 0], [1, 1, 1, 1]);

    /// <inheritdoc/>
    public MultiDiscreteSpace ActionSpace { get; } = new([4, 2, 5]);

    /// <inheritdoc/>
    public IReadOnlyList<string> InfoNames { get; } = ["correct-heads"];

    private int CorrectHeads { get; set; }

    /// <inheritdoc/>
    public void Reset(ulong? seed, IReadOnlyDictionary<string, double>? options, Span<float> observation)
    {
        if (seed is ulong given)
            random = RandomStream.For(given, "masked-heads");
        steps = 0;
        Array.Clear(last);
        CorrectHeads = 0;
        running = true;
        Turn(observation);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The action is outside its space, or the mask forbids it.</exception>
    public StepResult Step(ReadOnlySpan<int> action, Span<float> observation)
    {
        if (!running)
            throw new InvalidOperationException("The episode is over or has not begun; reset first.");
        if (!ActionSpace.Contains(action))
            throw new ArgumentException("An action has one value for each of heads of 4, 2 and 5.", nameof(action));
        CorrectHeads = 0;
        for (int head = 0; head < action.Length; head++)
        {
            if (action[head] == forbidden[head])
                throw new ArgumentException($"Head {head}: value {action[head]} is forbidden now.", nameof(action));
            if (action[head] == BestValue(head))
                CorrectHeads++;
        }

        action.CopyTo(last);
        running = ++steps < MaxSteps;
        float reward = (float)CorrectHeads / action.Length;
        Turn(observation);
        return new StepResult(reward, false, !running);
    }

    /// <inheritdoc/>
    public void WriteActionMask(Span<bool> mask)
    {
        mask.Fill(true);
        int offset = 0;
        for (int head = 0; head < forbidden.Length; head++)
        {
            mask[offset + forbidden[head]] = false;
            offset += ActionSpace.Sizes[head];
        }
    }

    /// <inheritdoc/>
    public void WriteHold(Span<int> action) => last.CopyTo(action);

    /// <inheritdoc/>
    public void WriteInfo(Span<double> info) => info[0] = CorrectHeads;

    /// <summary>The best value of a head among those allowed now.</summary>
    public int BestValue(int head)
    {
        int best = -1;
        for (int value = 0; value < ActionSpace.Sizes[head]; value++)
        {
            if (value != forbidden[head] && (best < 0 || Rank(head, value) > Rank(head, best)))
                best = value;
        }

        return best;
    }

    private int Rank(int head, int value) => (value + (context * (head + 1))) % ActionSpace.Sizes[head];

    private void Turn(Span<float> observation)
    {
        context = random.NextInt(Contexts);
        for (int head = 0; head < forbidden.Length; head++)
            forbidden[head] = random.NextInt(ActionSpace.Sizes[head]);
        observation.Clear();
        observation[context] = 1;
    }
}
