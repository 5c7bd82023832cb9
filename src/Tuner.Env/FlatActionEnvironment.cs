using Tuner.Env.Spaces;

namespace Tuner.Env;

/// <summary>Offers a table of whole actions as one head over an environment of many: one documented action a step.</summary>
/// <remarks>
/// An entry may be chosen when every value it names is allowed. What holds a head is asked of the environment at every step
/// (<see cref="ISettingsEnvironment.WriteHold"/>). A held head whose value has become forbidden takes the lowest value allowed
/// instead, so an entry that holds every head may always be chosen.
/// </remarks>
public sealed class FlatActionEnvironment : IEnvironment
{
    private readonly ISettingsEnvironment inner;
    private readonly int[][] table;
    private readonly int[] held;
    private readonly int[] wanted;
    private readonly bool[] innerMask;

    /// <summary>Wraps an environment.</summary>
    /// <param name="inner">The environment with the heads.</param>
    /// <param name="actions">The table; at least one entry.</param>
    /// <exception cref="ArgumentException">An entry does not fit the heads.</exception>
    public FlatActionEnvironment(ISettingsEnvironment inner, IReadOnlyList<FlatAction> actions)
    {
        MultiDiscreteSpace heads = inner.ActionSpace;
        this.inner = inner;
        if (actions.Count == 0)
            throw new ArgumentException("The table needs at least one action.", nameof(actions));
        foreach (FlatAction action in actions)
        {
            if (action.Values.Count != heads.HeadCount)
                throw new ArgumentException($"{action.Name} has {action.Values.Count} values for {heads.HeadCount} heads.", nameof(actions));
            for (int head = 0; head < heads.HeadCount; head++)
            {
                if (action.Values[head] < FlatAction.Hold || action.Values[head] >= heads.Sizes[head])
                    throw new ArgumentException($"{action.Name}: value {action.Values[head]} for head {head} of {heads.Sizes[head]}.", nameof(actions));
            }
        }

        Actions = [.. actions];
        table = [.. actions.Select(action => action.Values.ToArray())];
        ActionSpace = new MultiDiscreteSpace([actions.Count]);
        held = new int[heads.HeadCount];
        wanted = new int[heads.HeadCount];
        innerMask = new bool[heads.TotalSize];
    }

    /// <summary>The table.</summary>
    public IReadOnlyList<FlatAction> Actions { get; }

    /// <inheritdoc/>
    public BoxSpace ObservationSpace => inner.ObservationSpace;

    /// <inheritdoc/>
    public MultiDiscreteSpace ActionSpace { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> InfoNames => inner.InfoNames;

    /// <inheritdoc/>
    public void Reset(ulong? seed, IReadOnlyDictionary<string, double>? options, Span<float> observation) => inner.Reset(seed, options, observation);

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<int> action, Span<float> observation)
    {
        if (!ActionSpace.Contains(action))
            throw new ArgumentException($"An action is one value below {table.Length}.", nameof(action));
        Ask();
        Resolve(table[action[0]]);
        return inner.Step(wanted, observation);
    }

    /// <inheritdoc/>
    public void WriteActionMask(Span<bool> mask)
    {
        Ask();
        for (int entry = 0; entry < table.Length; entry++)
            mask[entry] = Resolve(table[entry]);
    }

    /// <inheritdoc/>
    public void WriteInfo(Span<double> info) => inner.WriteInfo(info);

    private void Ask()
    {
        inner.WriteActionMask(innerMask);
        inner.WriteHold(held);
    }

    // Writes what an entry asks of each head; false when it names a value that is forbidden now.
    private bool Resolve(int[] values)
    {
        bool allowed = true;
        int offset = 0;
        for (int head = 0; head < values.Length; head++)
        {
            int size = inner.ActionSpace.Sizes[head];
            bool holds = values[head] == FlatAction.Hold;
            int value = holds ? held[head] : values[head];
            if (!innerMask[offset + value])
            {
                allowed &= holds;
                if (holds)
                    value = Math.Max(0, innerMask.AsSpan(offset, size).IndexOf(true));
            }

            wanted[head] = value;
            offset += size;
        }

        return allowed;
    }
}
