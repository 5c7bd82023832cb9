namespace Tuner.Kernels.Swapping;

/// <summary>What a decision about a candidate rests on.</summary>
/// <param name="Phase">How far it had come.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
/// <param name="Calls">Calls of the operation since the trial began.</param>
/// <param name="Compared">Calls in which its output was compared.</param>
/// <param name="SpeedRatio">Median of its time over the incumbent's, of the last pairs.</param>
/// <param name="WorstDifference">The largest difference seen.</param>
/// <param name="AllowedDifference">The largest one allowed in that call.</param>
/// <param name="Exception">Type and message of what it threw; null when it did not.</param>
public sealed record AuditEvidence(
    TrialPhase Phase, TrialFailure? Failure, long Calls, long Compared, double SpeedRatio, double WorstDifference, double AllowedDifference, string? Exception);
