namespace Tuner.Kernels.Launching;

/// <summary>The launch configuration that was chosen, and what it rests on.</summary>
/// <param name="Configuration">Its number in the space.</param>
/// <param name="Seconds">Median of its timings.</param>
/// <param name="Low">Lower end of the 95 % interval of its mean time.</param>
/// <param name="High">Upper end.</param>
/// <param name="Tried">Configurations tried, failed ones included.</param>
/// <param name="Failed">Configurations that could not run.</param>
/// <param name="Timings">Launches timed, failed ones included.</param>
/// <param name="Settled">Whether the race ended because every other finalist was slower or no further apart than matters, and not because the timings ran out.</param>
public sealed record LaunchChoice(int Configuration, double Seconds, double Low, double High, int Tried, int Failed, int Timings, bool Settled);
