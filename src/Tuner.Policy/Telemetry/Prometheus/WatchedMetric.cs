namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>One thing a metrics page tells, and the series met of it.</summary>
/// <param name="name">Which.</param>
internal sealed class WatchedMetric(MetricName name)
{
    /// <summary>The counter's or gauge's own series.</summary>
    public List<MetricSeries> Values { get; } = [];

    /// <summary>A histogram's counts.</summary>
    public List<MetricSeries> Counts { get; } = [];

    /// <summary>A histogram's sums.</summary>
    public List<MetricSeries> Sums { get; } = [];

    /// <summary>A histogram's buckets, upper bounds ascending.</summary>
    public List<MetricSeries> Buckets { get; } = [];

    /// <summary>When its counters were made.</summary>
    public List<MetricSeries> Created { get; } = [];

    /// <summary>The histogram's new observations, made anew each time they are asked for.</summary>
    public HistogramIncrease Observations { get; } = new(name.Scale);

    /// <summary>Takes a series if it is one of this metric.</summary>
    public void Offer(MetricSeries series)
    {
        if (!series.Name.StartsWith(name.Name, StringComparison.Ordinal))
            return;
        ReadOnlySpan<char> kind = series.Name.AsSpan(name.Name.Length);
        if (kind is "_created")
        {
            Created.Add(series);
            return;
        }

        if (!name.Covers(series.Labels))
            return;
        switch (kind)
        {
            case "" or "_total":
                Values.Add(series);
                break;
            case "_count":
                Counts.Add(series);
                break;
            case "_sum":
                Sums.Add(series);
                break;
            case "_bucket" when !double.IsNaN(series.UpperBound):
                int at = Buckets.Count;
                while (at > 0 && Buckets[at - 1].UpperBound > series.UpperBound)
                    at--;
                Buckets.Insert(at, series);
                break;
        }
    }

    /// <summary>Lets go of series that these looks did not meet.</summary>
    public void Forget(long before, long now)
    {
        foreach (List<MetricSeries> list in (ReadOnlySpan<List<MetricSeries>>)[Values, Counts, Sums, Buckets, Created])
            list.RemoveAll(series => !series.Seen(before) && !series.Seen(now));
    }
}
