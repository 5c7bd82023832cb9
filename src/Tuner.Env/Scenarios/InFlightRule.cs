namespace Tuner.Env.Scenarios;

/// <summary>What becomes of running requests when the layout changes under them.</summary>
public enum InFlightRule
{
    /// <summary>Their KV is kept and moved to the new replicas.</summary>
    Keep,

    /// <summary>They are served to their end before the layout changes; newcomers wait or go elsewhere.</summary>
    Drain,

    /// <summary>Their KV is dropped; the new replicas compute it again.</summary>
    Recompute,
}
