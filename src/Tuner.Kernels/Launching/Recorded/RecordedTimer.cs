using Tuner.Env.Simulation;

namespace Tuner.Kernels.Launching.Recorded;

/// <summary>Answers each timing with one of the recorded repetitions, drawn at random.</summary>
public sealed class RecordedTimer(RecordedLaunches launches, ulong seed) : ILaunchTimer
{
    private readonly RandomStream random = RandomStream.For(seed, "recorded timer");

    /// <inheritdoc/>
    public LaunchTiming Time(int configuration)
        => launches.Seconds(configuration) is { Count: > 0 } times
            ? LaunchTiming.Of(times[random.NextInt(times.Count)])
            : LaunchTiming.Failed("it could not run when it was recorded");
}
