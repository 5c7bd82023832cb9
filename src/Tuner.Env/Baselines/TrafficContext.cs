using Tuner.Env.Simulation;
using Tuner.Env.Traffic;

namespace Tuner.Env.Baselines;

/// <summary>A stretch of traffic of one kind at one load, long enough to tell good settings from bad.</summary>
/// <param name="Source">What it was cut from, for reports.</param>
/// <param name="Trace">The requests, at the rate to be carried.</param>
/// <param name="Weight">How much it counts where all contexts are taken together.</param>
public sealed record TrafficContext(string Source, TrafficTrace Trace, double Weight)
{
    private const double ShortestSeconds = 900;
    private const double LongestSeconds = 1800;

    /// <summary>At a request a minute five minutes show nothing but luck.</summary>
    private const double EnoughRequests = 400;

    /// <summary>Draws contexts as episodes are drawn: a source by weight, a rate, a place in the trace.</summary>
    /// <param name="sources">The sources; at least one.</param>
    /// <param name="count">How many.</param>
    /// <param name="seconds">How long each is, where its trace is long enough.</param>
    /// <param name="seed">Same seed, same contexts.</param>
    /// <param name="purpose">Names the stream they are drawn from.</param>
    public static TrafficContext[] Draw(IReadOnlyList<EpisodeTraffic> sources, int count, double seconds, ulong seed, string purpose)
    {
        RandomStream random = RandomStream.For(seed, purpose);
        return [.. Enumerable.Range(0, count).Select(_ => Cut(EpisodeTraffic.Draw(sources, random.NextDouble()), 1, random, seconds))];
    }

    /// <summary>Draws as many contexts from each source, whatever its weight, which the contexts carry instead: rare kinds of traffic deserve a look too.</summary>
    /// <param name="sources">The sources; at least one.</param>
    /// <param name="count">How many of each.</param>
    /// <param name="seed">Same seed, same contexts.</param>
    /// <param name="purpose">Names the stream they are drawn from.</param>
    public static TrafficContext[] DrawEach(IReadOnlyList<EpisodeTraffic> sources, int count, ulong seed, string purpose)
    {
        RandomStream random = RandomStream.For(seed, purpose);
        return [.. sources.SelectMany(source => Enumerable.Range(0, count).Select(_ => Cut(source, source.Weight, random)))];
    }

    private static TrafficContext Cut(EpisodeTraffic source, double weight, RandomStream random, double? length = null)
    {
        double scale = source.RateScale(random.NextDouble());
        double seconds = length ?? Math.Clamp(EnoughRequests / (scale * source.Trace.MeanRate), ShortestSeconds, LongestSeconds);
        double from = random.NextDouble() * Math.Max(0, source.Trace.DurationSeconds - seconds);
        return new TrafficContext(source.Trace.Name, source.Trace.Slice(from, seconds).Scaled(scale, random.NextUInt64()), weight);
    }
}
