namespace Tuner.Kernels.Launching;

/// <summary>Times launches: on a GPU, on the CPU, or out of a recording.</summary>
public interface ILaunchTimer
{
    /// <summary>Launches once, warmed up, and says how long it took. A launch that cannot run is an answer, not an exception.</summary>
    /// <param name="configuration">The configuration's number in the space.</param>
    LaunchTiming Time(int configuration);
}
