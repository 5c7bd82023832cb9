namespace Tuner.Policy.Knobs;

/// <summary>One step on a ladder of values.</summary>
public enum LadderMove
{
    /// <summary>One rung down: fewer sequences, a shorter wait, a smaller draft.</summary>
    Down,

    /// <summary>Stay.</summary>
    Keep,

    /// <summary>One rung up: more sequences, a longer wait, a larger draft.</summary>
    Up,
}
