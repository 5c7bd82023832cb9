namespace Tuner.Env.Costs;

/// <summary>Which of an engine's two attention kernels was timed.</summary>
public enum AttentionPhase
{
    /// <summary>Every token of a prompt attends to itself and those before it.</summary>
    Prefill,

    /// <summary>One new token of each sequence attends to the cache.</summary>
    Decode,
}
