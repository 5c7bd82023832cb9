namespace Tuner.Agent.Ppo;

/// <summary>How a step ended its episode, if it did.</summary>
internal enum StepEnd
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The task ended: nothing follows.</summary>
    Terminated,

    /// <summary>The episode was cut: what would have followed is still worth something.</summary>
    Truncated,
}
