using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Traffic;

/// <summary>Arrivals counted window by window.</summary>
internal static class RateWindows
{
    /// <summary>The counts of the full windows; the trace's incomplete end is left out.</summary>
    public static int[] Counts(TrafficTrace trace, double windowSeconds)
    {
        var counts = new int[(int)(trace.DurationSeconds / windowSeconds)];
        foreach (double arrival in trace.Arrivals)
        {
            int window = (int)(arrival / windowSeconds);
            if (window < counts.Length)
                counts[window]++;
        }

        return counts;
    }
}
