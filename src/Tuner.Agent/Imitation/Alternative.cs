namespace Tuner.Agent.Imitation;

/// <summary>Something that could have been done, and what it would have cost.</summary>
/// <param name="Action">One value a head, each allowed.</param>
/// <param name="Regret">By how much it is worse than the best that could have been done, from 0, in whatever unit the others have.</param>
public sealed record Alternative(int[] Action, double Regret);
