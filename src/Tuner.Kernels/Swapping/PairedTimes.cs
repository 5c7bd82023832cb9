namespace Tuner.Kernels.Swapping;

/// <summary>The last pairs of times of two kernels on the same calls, judged by the median of their ratios.</summary>
/// <remarks>Pairs share whatever else the machine was doing, and a median shrugs off the few that were interrupted. Not thread-safe.</remarks>
internal sealed class PairedTimes(int window, double allowed, int verdicts)
{
    private readonly double[] ratios = new double[window];
    private readonly double[] sorted = new double[window];
    private int count;
    private int slow;

    /// <summary>Median of candidate over incumbent, of the last pairs; 1 before there is any.</summary>
    public double Ratio { get; private set; } = 1;

    /// <summary>Adds a pair.</summary>
    /// <returns>False once the median was above what is allowed in so many judgements in a row.</returns>
    public bool Add(long incumbentTicks, long candidateTicks)
    {
        ratios[count++ % window] = (double)candidateTicks / Math.Max(1, incumbentTicks);
        int filled = Math.Min(count, window);
        ratios.AsSpan(0, filled).CopyTo(sorted);
        sorted.AsSpan(0, filled).Sort();
        Ratio = sorted[filled / 2];
        if (filled < window)
            return true;
        slow = Ratio > allowed ? slow + 1 : 0;
        return slow < verdicts;
    }
}
