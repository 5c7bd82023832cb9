using Tuner.Env.Traffic;

namespace Tuner.Env.Baselines;

/// <summary>A stretch of traffic of one kind at one load, long enough to tell good settings from bad.</summary>
/// <param name="Source">What it was cut from, for reports.</param>
/// <param name="Trace">The requests, at the rate to be carried.</param>
public sealed record TrafficContext(string Source, TrafficTrace Trace)
{
    private const double ShortestSeconds = 900;
    private const double LongestSeconds = 1800;

    /// <summary>At a request a minute five minutes show nothing but luck.</summary>
    private const double EnoughRequests = 400;

    /// <summary>Draws contexts as episodes are drawn: a source by weight, a rate, a place in the trace.</summary>
    /// <param name="sources">The sources; at least one.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Same seed, same contexts.</param>
    /// <param name="purpose">Names the stream they are drawn from.</param>
    public static TrafficContext[] Draw(IReadOnlyList<EpisodeTraffic> sources, int count, ulong seed, string purpose)
    {
        Simulation.RandomStream random = Simulation.RandomStream.For(seed, purpose);
        var contexts = new List<TrafficContext>();
        while (contexts.Count < count)
        {
            EpisodeTraffic source = EpisodeTraffic.Draw(sources, random.NextDouble());
            double scale = source.RateScale(random.NextDouble());
            double seconds = Math.Clamp(EnoughRequests / (scale * source.Trace.MeanRate), ShortestSeconds, LongestSeconds);
            double from = random.NextDouble() * Math.Max(0, source.Trace.DurationSeconds - seconds);
            TrafficTrace part = source.Trace.Slice(from, seconds).Scaled(scale, random.NextUInt64());
            if (part.Count > 0)
                contexts.Add(new TrafficContext(source.Trace.Name, part));
        }

        return [.. contexts];
    }
}
