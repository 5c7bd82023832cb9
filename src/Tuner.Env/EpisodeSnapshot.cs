namespace Tuner.Env;

/// <summary>Where one environment of a <see cref="VectorEnvironment"/> stands: the way to get there again.</summary>
/// <param name="SeedState">State of the stream that seeds its episodes.</param>
/// <param name="Seed">Seed the current episode began with.</param>
/// <param name="Actions">What was done since, step after step, one value a head.</param>
public sealed record EpisodeSnapshot((ulong S0, ulong S1, ulong S2, ulong S3) SeedState, ulong Seed, IReadOnlyList<int> Actions);
