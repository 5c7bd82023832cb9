using Tuner.Policy.Knobs;

namespace Tuner.Policy.Hosting;

/// <summary>What must outlive the process: written before the engine is touched, and after.</summary>
internal sealed record TunerState
{
    /// <summary>What the operator ran before Tuner, or said to fall back to.</summary>
    public KnobSettings Operator { get; init; }

    /// <summary>The last settings that proved good.</summary>
    public KnobSettings LastGood { get; init; }

    /// <summary>What the engine was last seen running with.</summary>
    public KnobSettings Current { get; init; }

    /// <summary>Whether Tuner has turned a knob since the operator's settings last ran.</summary>
    public bool Acted { get; init; }

    /// <summary>A change begun and not known to have ended; null when there is none.</summary>
    public ChangeIntent? Intent { get; init; }
}
