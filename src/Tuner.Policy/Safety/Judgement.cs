namespace Tuner.Policy.Safety;

/// <summary>What the guard makes of a window.</summary>
internal enum Judgement
{
    /// <summary>Nothing to blame Tuner for.</summary>
    Fine,

    /// <summary>The change on trial proved good.</summary>
    Proven,

    /// <summary>The change on trial broke the objective.</summary>
    RollBack,

    /// <summary>Latency is so much worse that Tuner must let go.</summary>
    Kill,
}
