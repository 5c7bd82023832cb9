using System.Globalization;

namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>What a histogram counted between two looks at it.</summary>
/// <remarks>Within a bucket, observations are taken to lie evenly, as Prometheus' <c>histogram_quantile</c> does.</remarks>
internal sealed class HistogramIncrease
{
    private readonly double[] bounds;
    private readonly double[] cumulative;

    /// <param name="buckets">Upper bound as written in <c>le</c>, and how many observations at or below it.</param>
    /// <param name="sum">Sum of the observations.</param>
    /// <param name="scale">Turns the histogram's unit into another.</param>
    public HistogramIncrease(IEnumerable<(string UpperBound, double Count)> buckets, double sum, double scale = 1)
    {
        (double Bound, double Count)[] sorted =
        [
            .. buckets
                .GroupBy(bucket => bucket.UpperBound is "+Inf" or "Inf" ? double.PositiveInfinity : double.Parse(bucket.UpperBound, CultureInfo.InvariantCulture))
                .Select(group => (group.Key, group.Sum(bucket => bucket.Count)))
                .OrderBy(bucket => bucket.Key),
        ];
        bounds = [.. sorted.Select(bucket => bucket.Bound * scale)];
        cumulative = [.. sorted.Select(bucket => bucket.Count)];
        Sum = sum * scale;
    }

    /// <summary>Number of observations.</summary>
    public double Count => cumulative.Length == 0 ? 0 : cumulative[^1];

    /// <summary>Sum of the observations.</summary>
    public double Sum { get; }

    /// <summary>Mean of the observations; 0 without any.</summary>
    public double Mean => Count > 0 ? Sum / Count : 0;

    /// <summary>A quantile, 0 to 1; 0 without observations; the last finite bound for what lies beyond it.</summary>
    public double Quantile(double share)
    {
        if (Count <= 0)
            return 0;
        double rank = share * Count;
        for (int i = 0; i < bounds.Length; i++)
        {
            if (cumulative[i] < rank || cumulative[i] <= 0)
                continue;
            double below = i == 0 ? 0 : bounds[i - 1];
            double before = i == 0 ? 0 : cumulative[i - 1];
            if (double.IsPositiveInfinity(bounds[i]))
                return below;
            return cumulative[i] > before ? below + ((bounds[i] - below) * (rank - before) / (cumulative[i] - before)) : bounds[i];
        }

        return bounds[^1];
    }

    /// <summary>The share of observations at or below a limit, 0 to 1; 1 without observations.</summary>
    public double ShareWithin(double limit)
    {
        if (Count <= 0)
            return 1;
        double below = 0, before = 0;
        for (int i = 0; i < bounds.Length; i++)
        {
            if (limit < bounds[i])
            {
                // Nothing is known of how far beyond the last finite bound the rest lies: it counts as late.
                double part = double.IsPositiveInfinity(bounds[i]) ? 0 : (limit - below) / (bounds[i] - below);
                return (before + (part * (cumulative[i] - before))) / Count;
            }

            (below, before) = (bounds[i], cumulative[i]);
        }

        return 1;
    }
}
