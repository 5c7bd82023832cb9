namespace Tuner.Kernels.Launching;

/// <summary>A launch choice as a file keeps it.</summary>
/// <param name="Key">What it holds for.</param>
/// <param name="Parameters">The launch parameters by name.</param>
/// <param name="Seconds">Median time when it was chosen.</param>
/// <param name="Low">Lower end of the 95 % interval of the mean.</param>
/// <param name="High">Upper end.</param>
/// <param name="Timings">Launches timed for it.</param>
/// <param name="When">When it was chosen.</param>
public sealed record KeptLaunch(
    LaunchKey Key, IReadOnlyDictionary<string, int> Parameters, double Seconds, double Low, double High, int Timings, DateTimeOffset When);
