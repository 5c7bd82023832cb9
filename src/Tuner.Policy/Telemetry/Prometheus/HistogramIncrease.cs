namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>What a histogram counted between two looks at it.</summary>
/// <remarks>Within a bucket, observations are taken to lie evenly, as Prometheus' <c>histogram_quantile</c> does.</remarks>
/// <param name="scale">Turns the histogram's unit into another.</param>
internal sealed class HistogramIncrease(double scale = 1)
{
    private readonly List<double> bounds = [];
    private readonly List<double> cumulative = [];

    /// <summary>Number of observations.</summary>
    public double Count => cumulative.Count == 0 ? 0 : cumulative[^1];

    /// <summary>Sum of the observations.</summary>
    public double Sum { get; private set; }

    /// <summary>Mean of the observations; 0 without any.</summary>
    public double Mean => Count > 0 ? Sum / Count : 0;

    /// <summary>Forgets what was counted.</summary>
    /// <param name="sum">Sum of the new observations, in the histogram's unit.</param>
    public void Begin(double sum)
    {
        bounds.Clear();
        cumulative.Clear();
        Sum = sum * scale;
    }

    /// <summary>Adds a bucket; the same bound again (of another series) adds to its count.</summary>
    /// <param name="upperBound">In the histogram's unit, not below the one before.</param>
    /// <param name="count">How many observations lie at or below it.</param>
    public void Add(double upperBound, double count)
    {
        if (bounds.Count > 0 && bounds[^1] == upperBound * scale)
        {
            cumulative[^1] += count;
            return;
        }

        bounds.Add(upperBound * scale);
        cumulative.Add(count);
    }

    /// <summary>A quantile, 0 to 1; 0 without observations; the last finite bound for what lies beyond it.</summary>
    public double Quantile(double share)
    {
        if (Count <= 0)
            return 0;
        double rank = share * Count;
        for (int i = 0; i < bounds.Count; i++)
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
        for (int i = 0; i < bounds.Count; i++)
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
