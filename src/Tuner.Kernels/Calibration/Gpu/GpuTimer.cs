using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Times work on a GPU by its own clock.</summary>
/// <remarks>
/// Calls are recorded as a graph, so that the host's launch time is not part of them, enough of them that a replay lasts long against the
/// events' half microsecond; each call of a graph takes another place of the inputs, so that they come from memory. The time is the median of
/// replays.
/// </remarks>
internal sealed class GpuTimer(CudaDevice device, CudaStream stream) : IDisposable
{
    /// <summary>A replay lasts about this long, 400 times the resolution of events.</summary>
    private const double ReplaySeconds = 200e-6;

    private const int MostCalls = 64;
    private const int FewestReplays = 7;
    private const int MostReplays = 50;
    private const double MostSecondsOfPoint = 0.06;

    private readonly CudaEvent start = device.CreateEvent();
    private readonly CudaEvent end = device.CreateEvent();

    /// <summary>Median and spread of a call.</summary>
    /// <param name="places">How many places of inputs there are.</param>
    /// <param name="call">Puts one call on the inputs of a place into the stream.</param>
    public (double Seconds, double Spread) Measure(int places, Action<int> call)
    {
        call(0);
        double once = Once(() => call(1 % places));
        int calls = (int)Math.Clamp(ReplaySeconds / once, Math.Min(places, 2), MostCalls);
        using CudaGraph graph = device.Capture(stream, () =>
        {
            for (int i = 0; i < calls; i++)
                call(i % places);
        });
        double replay = Once(() => graph.Launch(stream));
        var seconds = new double[(int)Math.Clamp(MostSecondsOfPoint / replay, FewestReplays, MostReplays)];
        for (int i = 0; i < seconds.Length; i++)
            seconds[i] = Once(() => graph.Launch(stream)) / calls;
        Array.Sort(seconds);
        double median = Timing.Quantile(seconds, 0.5);
        return (median, (Timing.Quantile(seconds, 0.75) - Timing.Quantile(seconds, 0.25)) / median);
    }

    /// <summary>A rough time, for choosing among kernels: best of three calls after one.</summary>
    public double Glance(int places, Action<int> call)
    {
        call(0);
        return Enumerable.Range(1, 3).Min(i => Once(() => call(i % places)));
    }

    /// <summary>Median of single calls after one to warm up.</summary>
    public double Median(int count, int places, Action<int> call)
    {
        call(0);
        double[] seconds = [.. Enumerable.Range(1, count).Select(i => Once(() => call(i % places))).Order()];
        return Timing.Quantile(seconds, 0.5);
    }

    /// <summary>Two kinds of work side by side: the time until both are done.</summary>
    public double Together(CudaStream other, Action first, Action second)
    {
        using CudaEvent begun = device.CreateEvent();
        using CudaEvent finished = device.CreateEvent();
        var seconds = new List<double>();
        for (int i = 0; i < FewestReplays; i++)
        {
            begun.Record(stream);
            other.WaitFor(begun);
            start.Record(stream);
            first();
            second();
            finished.Record(other);
            stream.WaitFor(finished);
            end.Record(stream);
            seconds.Add(end.SecondsSince(start));
        }

        seconds.Sort();
        return Timing.Quantile(seconds, 0.5);
    }

    public void Dispose()
    {
        start.Dispose();
        end.Dispose();
    }

    private double Once(Action work)
    {
        start.Record(stream);
        work();
        end.Record(stream);

        // Shorter than the events resolve counts as their resolution.
        return Math.Max(end.SecondsSince(start), 1e-7);
    }
}
