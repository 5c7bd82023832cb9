namespace Tuner.Kernels.Swapping;

/// <summary>How far a candidate has come.</summary>
public enum TrialPhase
{
    /// <summary>It runs beside the incumbent on sampled calls; nobody gets its output.</summary>
    Shadow,

    /// <summary>It serves a share of the calls, each compared before the caller gets it.</summary>
    Canary,

    /// <summary>It serves all calls; sampled ones are compared with the kernel it replaced.</summary>
    Probation,
}
