using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>Adds bursts to traffic: stretches in which several times as many requests arrive.</summary>
public static class TrafficBursts
{
    private const double EverySeconds = 300;
    private const double Seconds = 45;
    private const double Factor = 3;

    private const double LeastPauseSeconds = 120;
    private const double MostPauseSeconds = 480;
    private const double LeastSeconds = 20;
    private const double MostSeconds = 90;
    private const double LeastFactor = 2;
    private const double MostFactor = 4;

    /// <summary>Three times the rate for the last 45 s of every five minutes.</summary>
    /// <param name="trace">The traffic.</param>
    /// <param name="seed">Seed of what is added.</param>
    public static TrafficTrace Regular(TrafficTrace trace, ulong seed)
    {
        var bursts = new List<(double From, double Seconds, double Factor)>();
        for (double at = EverySeconds - Seconds; at < trace.DurationSeconds; at += EverySeconds)
            bursts.Add((at, Seconds, Factor));
        return With(trace, bursts, seed);
    }

    /// <summary>Two to four times the rate for 20 to 90 s, at chance moments, two to eight minutes apart: to learn from, so that no rhythm is learned.</summary>
    /// <param name="trace">The traffic.</param>
    /// <param name="seed">Seed of when, how long, how strong, and of what is added.</param>
    public static TrafficTrace Irregular(TrafficTrace trace, ulong seed)
    {
        RandomStream random = RandomStream.For(seed, "bursts");
        double Between(double least, double most) => least + ((most - least) * random.NextDouble());
        var bursts = new List<(double From, double Seconds, double Factor)>();
        double at = Between(0, MostPauseSeconds);
        while (at < trace.DurationSeconds)
        {
            double seconds = Between(LeastSeconds, MostSeconds);
            bursts.Add((at, seconds, Between(LeastFactor, MostFactor)));
            at += seconds + Between(LeastPauseSeconds, MostPauseSeconds);
        }

        return With(trace, bursts, seed);
    }

    private static TrafficTrace With(TrafficTrace trace, IReadOnlyList<(double From, double Seconds, double Factor)> bursts, ulong seed)
    {
        var requests = new List<InferenceRequest>();
        int next = 0;
        foreach (InferenceRequest request in trace.Requests())
        {
            while (next < bursts.Count && request.ArrivalSeconds >= bursts[next].From + bursts[next].Seconds)
                next++;
            if (next == bursts.Count || request.ArrivalSeconds < bursts[next].From)
                requests.Add(request);
        }

        foreach ((double from, double seconds, double factor) in bursts)
            requests.AddRange(trace.Slice(from, seconds).Scaled(factor, RandomStream.For(seed, FormattableString.Invariant($"burst {from}")).NextUInt64()).Requests().Select(request => request with { ArrivalSeconds = request.ArrivalSeconds + from }));
        return TrafficTrace.Of(trace.Name, [.. requests.OrderBy(request => request.ArrivalSeconds)], trace.DurationSeconds);
    }
}
