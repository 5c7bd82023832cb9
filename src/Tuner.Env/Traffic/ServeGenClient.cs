using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>One client of a ServeGen archive, drawn request by request.</summary>
/// <remarks>
/// A window of rate r holds r·seconds requests (rounded at random). One gap more than that is drawn and all are scaled to fill the
/// window, which keeps the measured rate exactly and the shape of the gaps.
/// </remarks>
internal sealed class ServeGenClient(
    ServeGenWindow[] windows,
    double windowSeconds,
    SortedList<double, (LengthDistribution Prompt, LengthDistribution Output)>? lengths,
    (LengthDistribution Prompt, LengthDistribution Output) pooled,
    RandomStream arrivals,
    RandomStream tokens)
{
    private double[] times = [];
    private int count;
    private int next;
    private int window = -1;

    /// <summary>Moves to the next request; false after the last.</summary>
    public bool TryNext(out InferenceRequest request)
    {
        while (next >= count)
        {
            if (++window >= windows.Length)
            {
                request = default;
                return false;
            }

            Fill(windows[window]);
        }

        double time = times[next++];
        (LengthDistribution prompt, LengthDistribution output) = LengthsAt(time);
        request = new InferenceRequest(time, prompt.Next(tokens), output.Next(tokens), TrafficClass.Chat);
        return true;
    }

    private void Fill(ServeGenWindow now)
    {
        next = 0;
        count = (int)((now.Rate * windowSeconds) + arrivals.NextDouble());
        if (now.Shape <= 0 || count == 0)
        {
            count = 0;
            return;
        }

        if (times.Length < count)
            times = new double[count];
        double sum = 0;
        for (int i = 0; i <= count; i++)
        {
            sum += now.IsWeibull ? Draws.Weibull(arrivals, now.Shape, 1) : Draws.Gamma(arrivals, now.Shape, 1);
            if (i < count)
                times[i] = sum;
        }

        double scale = sum > 0 ? windowSeconds / sum : 0;
        for (int i = 0; i < count; i++)
            times[i] = now.StartSeconds + (times[i] * scale);
    }

    private (LengthDistribution Prompt, LengthDistribution Output) LengthsAt(double time)
    {
        if (lengths is null || lengths.Count == 0)
            return pooled;
        int i = lengths.Count - 1;
        while (i > 0 && lengths.GetKeyAtIndex(i) > time)
            i--;
        return lengths.GetValueAtIndex(i);
    }
}
