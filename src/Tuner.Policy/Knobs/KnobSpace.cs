namespace Tuner.Policy.Knobs;

/// <summary>The values each knob can take in one scenario, and what an action does to the settings.</summary>
/// <remarks>
/// An action is one choice a head, in the order of <see cref="Knob"/>: absolute values for the on/off and mode knobs, a
/// <see cref="LadderMove"/> for the ladders.
/// </remarks>
public sealed record KnobSpace
{
    /// <summary>Number of action heads.</summary>
    public const int HeadCount = 8;

    private static readonly int[] Sizes = [4, 2, 3, 3, 2, 2, 3, 2];

    /// <summary>Creates a knob space.</summary>
    /// <param name="batchLadder">Batch rungs, ascending; at least one.</param>
    /// <param name="batchWaitLadder">Waits in seconds, ascending, the first 0; at least one.</param>
    /// <param name="drafts">Names of the draft models, smallest first; empty when there is none.</param>
    /// <exception cref="ArgumentException">A ladder is empty or not ascending, or the first wait is not 0.</exception>
    public KnobSpace(IReadOnlyList<BatchRung> batchLadder, IReadOnlyList<double> batchWaitLadder, IReadOnlyList<string> drafts)
    {
        if (batchLadder.Count == 0 || batchWaitLadder.Count == 0)
            throw new ArgumentException("A ladder needs at least one rung.");
        for (int i = 1; i < batchLadder.Count; i++)
        {
            if (batchLadder[i].Sequences <= batchLadder[i - 1].Sequences)
                throw new ArgumentException($"Batch ladder: {batchLadder[i].Sequences} sequences follow {batchLadder[i - 1].Sequences}; rungs ascend.");
        }

        for (int i = 0; i < batchWaitLadder.Count; i++)
        {
            if (i == 0 ? batchWaitLadder[0] != 0 : batchWaitLadder[i] <= batchWaitLadder[i - 1])
                throw new ArgumentException($"Batch-wait ladder: rung {i} is {batchWaitLadder[i]} s; rungs ascend from 0.");
        }

        BatchLadder = batchLadder;
        BatchWaitLadder = batchWaitLadder;
        Drafts = drafts;
    }

    /// <summary>Number of values of each head: 4, 2, 3, 3, 2, 2, 3, 2.</summary>
    public static ReadOnlySpan<int> HeadSizes => Sizes;

    /// <summary>Sum of <see cref="HeadSizes"/>: the logits of a policy network.</summary>
    public static int LogitCount { get; } = Sizes.Sum();

    /// <summary>Where a value of a head stands among all logits.</summary>
    public static int LogitOf(Knob knob, int value)
    {
        int index = value;
        for (int head = 0; head < (int)knob; head++)
            index += Sizes[head];
        return index;
    }

    /// <summary>The rungs of <see cref="Knob.MaxBatch"/>.</summary>
    public IReadOnlyList<BatchRung> BatchLadder { get; }

    /// <summary>The rungs of <see cref="Knob.BatchWait"/>, seconds.</summary>
    public IReadOnlyList<double> BatchWaitLadder { get; }

    /// <summary>The draft models, smallest first.</summary>
    public IReadOnlyList<string> Drafts { get; }

    /// <summary>The settings after an action; moves past the end of a ladder stay on its last rung.</summary>
    /// <param name="settings">The settings before.</param>
    /// <param name="action">One value a head, <see cref="HeadCount"/> long.</param>
    /// <exception cref="ArgumentException">The action has another length or a value outside its head.</exception>
    public KnobSettings Apply(in KnobSettings settings, ReadOnlySpan<int> action)
    {
        if (action.Length != HeadCount)
            throw new ArgumentException($"An action has {HeadCount} values, one a head; this one has {action.Length}.", nameof(action));
        for (int head = 0; head < HeadCount; head++)
        {
            if ((uint)action[head] >= (uint)Sizes[head])
                throw new ArgumentException($"{(Knob)head}: value {action[head]} of a head of {Sizes[head]}.", nameof(action));
        }

        return new KnobSettings(
            (ParallelismMode)action[(int)Knob.Parallelism],
            (PrecisionMode)action[(int)Knob.Precision],
            Move(settings.MaxBatchLevel, action[(int)Knob.MaxBatch], BatchLadder.Count),
            Move(settings.BatchWaitLevel, action[(int)Knob.BatchWait], BatchWaitLadder.Count),
            action[(int)Knob.KvCompression] == 1,
            action[(int)Knob.Speculation] == 1,
            Move(settings.DraftLevel, action[(int)Knob.Draft], Math.Max(1, Drafts.Count)),
            action[(int)Knob.KvPrefetch] == 1);
    }

    /// <summary>Writes the action that leads from one setting towards another: at most one rung a ladder.</summary>
    /// <param name="from">The settings in force.</param>
    /// <param name="to">The settings wanted.</param>
    /// <param name="action">Receives one value a head, <see cref="HeadCount"/> long.</param>
    public static void ActionTowards(in KnobSettings from, in KnobSettings to, Span<int> action)
    {
        action[(int)Knob.Parallelism] = (int)to.Parallelism;
        action[(int)Knob.Precision] = (int)to.Precision;
        action[(int)Knob.MaxBatch] = Towards(from.MaxBatchLevel, to.MaxBatchLevel);
        action[(int)Knob.BatchWait] = Towards(from.BatchWaitLevel, to.BatchWaitLevel);
        action[(int)Knob.KvCompression] = to.KvCompression ? 1 : 0;
        action[(int)Knob.Speculation] = to.Speculation ? 1 : 0;
        action[(int)Knob.Draft] = Towards(from.DraftLevel, to.DraftLevel);
        action[(int)Knob.KvPrefetch] = to.KvPrefetch ? 1 : 0;
    }

    private static int Move(int level, int move, int count) => Math.Clamp(level + move - (int)LadderMove.Keep, 0, count - 1);

    private static int Towards(int from, int to) => Math.Sign(to - from) + (int)LadderMove.Keep;
}
