using System.Diagnostics;

namespace Tuner.Kernels.Calibration;

/// <summary>What repeated calls took.</summary>
/// <param name="Seconds">Median time of a call.</param>
/// <param name="Spread">Interquartile range as a share of the median.</param>
/// <param name="Watts">Mean power while they ran; null without a meter.</param>
internal readonly record struct Timing(double Seconds, double Spread, double? Watts)
{
    /// <summary>Fewest timed calls: below three a median says nothing about spread.</summary>
    private const int FewestCalls = 3;

    /// <summary>Most timed calls kept: enough for steady quartiles.</summary>
    private const int MostCalls = 20_000;

    /// <summary>Calls once to warm up, then again and again until the time is spent.</summary>
    /// <param name="call">The kernel; gets the number of the call, by which it picks its inputs.</param>
    /// <param name="budget">Time for the timed calls; three are made however long they take.</param>
    /// <param name="meter">The power meter; null without one.</param>
    public static Timing Of(Action<int> call, TimeSpan budget, RaplMeter? meter)
    {
        call(0);
        var seconds = new List<double>();
        double? before = meter?.Joules();
        long start = Stopwatch.GetTimestamp();
        do
        {
            long began = Stopwatch.GetTimestamp();
            call(seconds.Count + 1);
            seconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        while (seconds.Count < FewestCalls || (seconds.Count < MostCalls && Stopwatch.GetElapsedTime(start) < budget));

        double? watts = meter is null ? null : (meter.Joules() - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        seconds.Sort();
        double median = Quantile(seconds, 0.5);
        return new Timing(median, (Quantile(seconds, 0.75) - Quantile(seconds, 0.25)) / median, watts);
    }

    /// <summary>A quantile of sorted values, interpolated between neighbours.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double share)
    {
        double at = share * (sorted.Count - 1);
        int below = (int)at;
        return below + 1 == sorted.Count ? sorted[below] : sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below]));
    }
}
