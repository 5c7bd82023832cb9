namespace Tuner.Kernels.Launching;

/// <summary>What came of timing one launch.</summary>
/// <param name="Seconds">How long it took; not a number where it failed.</param>
/// <param name="Failure">Why it cannot run (does not compile, too many resources, wrong result); null when it ran.</param>
public readonly record struct LaunchTiming(double Seconds, string? Failure)
{
    /// <summary>A launch that ran.</summary>
    public static LaunchTiming Of(double seconds) => new(seconds, null);

    /// <summary>A launch that could not.</summary>
    public static LaunchTiming Failed(string why) => new(double.NaN, why);
}
