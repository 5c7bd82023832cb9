using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Samples;

namespace Tuner.Kernels.Calibration;

/// <summary>Fits collectives: the measured times, made monotonic in the size of the message.</summary>
internal static class CollectiveSurface
{
    /// <summary>Fits every pattern and number of devices measured.</summary>
    /// <param name="samples">Measurements.</param>
    /// <param name="engine">What the errors are listed under.</param>
    /// <param name="leftOut">Receives the label and the errors of calls left out, as log(predicted / measured).</param>
    public static (IReadOnlyList<CollectiveTerm> Terms, IReadOnlyList<FitError> Errors) Fit(IEnumerable<CollectiveSample> samples, string engine, Action<string, double[]>? leftOut = null)
    {
        var terms = new List<CollectiveTerm>();
        var errors = new List<FitError>();
        foreach (var group in samples.GroupBy(sample => (sample.Operation, sample.Captured, sample.Devices)).OrderBy(group => group.Key))
        {
            (long Bytes, double Seconds)[] points = [.. group.GroupBy(sample => sample.Bytes).Select(same => (same.Key, same.Average(sample => sample.Seconds))).OrderBy(point => point.Key)];
            if (points.Length < 3)
                continue;
            double[] bytes = [.. points.Select(point => (double)point.Bytes)];
            double[] seconds = [.. points.Select(point => point.Seconds)];
            var term = new CollectiveTerm(group.Key.Operation, group.Key.Captured, group.Key.Devices, Provenance.Published, bytes, Isotonic(seconds));
            terms.Add(term);
            if (group.Key is { Operation: CollectiveOperation.AllReduce, Captured: true })
            {
                double[] sizes = LeftOut(bytes, seconds);
                leftOut?.Invoke("all-reduce, " + engine, sizes);
                errors.Add(SurfaceErrors.Summarise($"all-reduce, {group.Key.Devices} GPUs, {engine}", sizes, "in a captured graph, every size left out in turn"));
            }
        }

        return (terms, errors);
    }

    /// <summary>Least-squares monotonic fit to logarithms by pooling adjacent violators (Barlow et al., 1972).</summary>
    /// <remarks>A larger message is never quicker; tables that say so caught a change of algorithm, which an engine would avoid.</remarks>
    internal static double[] Isotonic(double[] seconds)
    {
        var pools = new List<(double Sum, int Count)>();
        foreach (double value in seconds)
        {
            pools.Add((Math.Log(value), 1));
            while (pools.Count > 1 && pools[^2].Sum / pools[^2].Count > pools[^1].Sum / pools[^1].Count)
            {
                pools[^2] = (pools[^2].Sum + pools[^1].Sum, pools[^2].Count + pools[^1].Count);
                pools.RemoveAt(pools.Count - 1);
            }
        }

        return [.. pools.SelectMany(pool => Enumerable.Repeat(Math.Exp(pool.Sum / pool.Count), pool.Count))];
    }

    // Sizes double from one row to the next: leaving one out asks for the middle of a factor of four, between which a latency and a
    // bandwidth meet. The curve through latency + bytes / bandwidth of the two neighbours is linear in bytes.
    private static double[] LeftOut(double[] bytes, double[] seconds)
    {
        var errors = new List<double>();
        for (int i = 1; i < bytes.Length - 1; i++)
        {
            double share = (bytes[i] - bytes[i - 1]) / (bytes[i + 1] - bytes[i - 1]);
            double guess = seconds[i - 1] + (share * (seconds[i + 1] - seconds[i - 1]));
            errors.Add(Math.Log(guess / seconds[i]));
        }

        return [.. errors];
    }
}
