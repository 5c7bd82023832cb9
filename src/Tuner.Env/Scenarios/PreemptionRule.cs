namespace Tuner.Env.Scenarios;

/// <summary>What becomes of the KV of a sequence that loses its place.</summary>
public enum PreemptionRule
{
    /// <summary>It is dropped and computed again.</summary>
    Recompute,

    /// <summary>It is copied to host memory and back, as far as the swap space goes.</summary>
    Swap,
}
