namespace Tuner.Env;

/// <summary>One entry of a table of whole actions, such as "turn speculation on and leave the rest".</summary>
/// <param name="Name">What the action is called.</param>
/// <param name="Values">One value a head; <see cref="Hold"/> repeats the head's last value.</param>
public sealed record FlatAction(string Name, IReadOnlyList<int> Values)
{
    /// <summary>Repeat what the head was last set to.</summary>
    public const int Hold = -1;
}
