using Tuner.Env.Cluster;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation;

/// <summary>The largest multiple of a trace's rate that a policy carries: enough promises met, within the quality budget.</summary>
public static class SustainedLoad
{
    /// <summary>How closely loads are found where nothing else is said.</summary>
    private const double Finest = 0.01;

    private const double Least = 0.005;
    private const double Most = 256;
    private const double FirstStep = 1.1;

    /// <summary>Finds it by bisection.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="trace">The arrivals at multiple 1.</param>
    /// <param name="makePolicy">Makes the policy, once a run.</param>
    /// <param name="seed">Seed of the rate scaling, the same for every policy compared.</param>
    /// <param name="start">Settings each run begins with; null for the scenario's default.</param>
    /// <param name="guess">Where to look first; above 0.</param>
    /// <param name="resolution">How closely it is found, as a share of it: 1 % by default.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <returns>The multiple; 0 when not even half a hundredth is carried.</returns>
    public static double Find(EngineCostCache costs, TrafficTrace trace, Func<ITuningPolicy> makePolicy, ulong seed, KnobSettings? start = null, double guess = 1, double resolution = Finest, CancellationToken cancellation = default)
        => Find(trace, loaded => LoadCheck.Carries(costs, loaded, makePolicy(), start ?? costs.Scenario.DefaultSettings, cancellation), seed, guess, resolution);

    /// <summary>Finds what a contender carries by bisection.</summary>
    /// <param name="contender">The contender.</param>
    /// <param name="trace">The arrivals at multiple 1.</param>
    /// <param name="seed">Seed of the rate scaling, the same for all that are compared.</param>
    /// <param name="guess">Where to look first; above 0.</param>
    /// <param name="resolution">How closely it is found, as a share of it: 1 % by default.</param>
    /// <param name="cancellation">Stops between windows.</param>
    /// <returns>The multiple; 0 when not even half a hundredth is carried.</returns>
    public static double Find(IContender contender, TrafficTrace trace, ulong seed, double guess = 1, double resolution = Finest, CancellationToken cancellation = default)
        => Find(trace, loaded => contender.Carries(loaded, cancellation), seed, guess, resolution);

    private static double Find(TrafficTrace trace, Func<TrafficTrace, bool> carries, ulong seed, double guess, double resolution)
    {
        double low = 0;
        double high = double.PositiveInfinity;
        double step = FirstStep;
        for (double at = guess; low == 0 || double.IsPositiveInfinity(high); step *= step)
        {
            if (carries(trace.Scaled(at, seed)))
                (low, at) = (at, at * step);
            else
                (high, at) = (at, at / step);
            if (high <= Least)
                return 0;
            if (low >= Most)
                return low;
        }

        while (high / low > 1 + resolution)
        {
            double middle = Math.Sqrt(low * high);
            if (carries(trace.Scaled(middle, seed)))
                low = middle;
            else
                high = middle;
        }

        return low;
    }
}
