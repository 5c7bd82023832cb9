namespace Tuner.Kernels.Swapping;

/// <summary>Why a candidate was rolled back.</summary>
public enum TrialFailure
{
    /// <summary>An output left the tolerance.</summary>
    Mismatch,

    /// <summary>An output was not finite where the incumbent's was.</summary>
    NotFinite,

    /// <summary>Its median time stayed above what is allowed.</summary>
    Slow,

    /// <summary>It threw.</summary>
    Threw,

    /// <summary>A person or program withdrew it.</summary>
    Withdrawn,
}
