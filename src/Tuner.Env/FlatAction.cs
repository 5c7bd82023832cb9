namespace Tuner.Env;

/// <summary>One entry of a table of whole actions, such as "turn speculation on and leave the rest".</summary>
/// <param name="Name">What the action is called.</param>
/// <param name="Values">One value a head; <see cref="Hold"/> leaves the head's setting as it is.</param>
public sealed record FlatAction(string Name, IReadOnlyList<int> Values)
{
    /// <summary>Change nothing on this head. On a head of moves that is its "keep", never its last move once more.</summary>
    public const int Hold = -1;
}
