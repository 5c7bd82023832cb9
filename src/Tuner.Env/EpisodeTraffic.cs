using Tuner.Env.Traffic;

namespace Tuner.Env;

/// <summary>One source of episodes: a trace, how often it is drawn, and at what loads.</summary>
/// <param name="Trace">The trace episodes are cut from.</param>
/// <param name="Weight">How often, against the other sources; above 0.</param>
/// <param name="MinRateScale">Lowest multiple of its rate.</param>
/// <param name="MaxRateScale">Highest multiple of its rate.</param>
public sealed record EpisodeTraffic(TrafficTrace Trace, double Weight, double MinRateScale, double MaxRateScale)
{
    /// <summary>A rate between the bounds, as likely below their geometric mean as above.</summary>
    /// <param name="uniform">A number in [0, 1).</param>
    public double RateScale(double uniform) => MinRateScale * Math.Pow(MaxRateScale / MinRateScale, uniform);

    /// <summary>Draws a source by weight.</summary>
    /// <param name="sources">At least one.</param>
    /// <param name="uniform">A number in [0, 1).</param>
    public static EpisodeTraffic Draw(IReadOnlyList<EpisodeTraffic> sources, double uniform)
    {
        double left = uniform * sources.Sum(source => source.Weight);
        foreach (EpisodeTraffic source in sources)
        {
            left -= source.Weight;
            if (left < 0)
                return source;
        }

        return sources[^1];
    }
}
