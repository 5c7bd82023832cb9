namespace Tuner.Policy.Knobs;

/// <summary>What it takes an engine to turn a knob.</summary>
public enum KnobCapability
{
    /// <summary>It cannot: the knob is masked.</summary>
    None,

    /// <summary>While serving, at once.</summary>
    Live,

    /// <summary>Replica by replica: drain, change, take traffic again.</summary>
    DrainAndSwap,

    /// <summary>Only by starting the engine anew.</summary>
    Restart,
}
