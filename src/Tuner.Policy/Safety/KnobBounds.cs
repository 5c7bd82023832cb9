namespace Tuner.Policy.Safety;

/// <summary>The values a knob may take, counted as by the indexer of <see cref="Knobs.KnobSettings"/>.</summary>
public sealed record KnobBounds
{
    /// <summary>Least value.</summary>
    public int Least { get; init; }

    /// <summary>Largest value.</summary>
    public int Most { get; init; } = int.MaxValue;
}
