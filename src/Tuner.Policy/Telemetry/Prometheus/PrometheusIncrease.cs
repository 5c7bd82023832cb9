namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>What happened between two looks at an engine's metrics pages: counters' increases, histograms' new observations, gauges as they are.</summary>
/// <param name="pages">The looks.</param>
internal sealed class PrometheusIncrease(PrometheusPages pages)
{
    /// <summary>Whether the pages tell of a metric: a counter, a gauge, or a histogram.</summary>
    public bool Has(MetricName name)
    {
        WatchedMetric metric = pages.Of(name);
        return Met(metric.Values, pages.Now) + Met(metric.Counts, pages.Now) > 0;
    }

    /// <summary>Whether other series of a metric were met than the time before: fewer, or more.</summary>
    public bool ChangedNumber(MetricName name)
    {
        List<MetricSeries> series = pages.Of(name).Values;
        return Met(series, pages.Now) != Met(series, pages.Before);
    }

    /// <summary>Whether one of these counters went back or vanished, or says it was made anew: the engine was restarted in between.</summary>
    public bool WentBack(ReadOnlySpan<MetricName> names)
    {
        foreach (MetricName name in names)
        {
            WatchedMetric metric = pages.Of(name);
            if (!Has(name) && Met(metric.Values, pages.Before) + Met(metric.Counts, pages.Before) > 0)
                return true;
            foreach (MetricSeries series in metric.Created)
            {
                if (series.Seen(pages.Now) && series.Seen(pages.Before) && series.At(pages.Now) != series.At(pages.Before))
                    return true;
            }

            foreach (MetricSeries series in metric.Values)
            {
                if (series.Seen(pages.Now) && Increase(series) < 0)
                    return true;
            }
        }

        return false;
    }

    /// <summary>A counter's increase over its series. The name may lack its <c>_total</c>.</summary>
    public double Counter(MetricName name) => name.Scale * Increase(pages.Of(name).Values);

    /// <summary>A gauge, added up over its series.</summary>
    public double Gauge(MetricName name)
    {
        double sum = 0;
        foreach (MetricSeries series in pages.Of(name).Values)
            sum += series.At(pages.Now);
        return name.Scale * sum;
    }

    /// <summary>A gauge as it was, added up over the series there are.</summary>
    public double GaugeBefore(MetricName name)
    {
        double sum = 0;
        foreach (MetricSeries series in pages.Of(name).Values)
            sum += series.Seen(pages.Now) ? series.At(pages.Before) : 0;
        return name.Scale * sum;
    }

    /// <summary>A gauge's mean over its series; 0 without any.</summary>
    public double MeanGauge(MetricName name)
    {
        int met = Met(pages.Of(name).Values, pages.Now);
        return met == 0 ? 0 : Gauge(name) / met;
    }

    /// <summary>The mean between the looks of what a page tells as a mean since it began, over what a counter counts; server by server.</summary>
    public double MeanSince(MetricName mean, MetricName over)
    {
        (List<MetricSeries> means, List<MetricSeries> counts) = (pages.Of(mean).Values, pages.Of(over).Values);
        double sum = 0, count = 0;
        for (int i = 0; i < Math.Min(means.Count, counts.Count); i++)
        {
            (MetricSeries told, MetricSeries counted) = (means[i], counts[i]);
            if (!told.Seen(pages.Now) || !counted.Seen(pages.Now))
                continue;
            sum += (told.At(pages.Now) * counted.At(pages.Now)) - (told.At(pages.Before) * counted.At(pages.Before));
            count += Increase(counted);
        }

        return count > 0 ? Math.Max(0, sum / count) : 0;
    }

    /// <summary>A histogram's new observations over its series; valid until they are asked for again.</summary>
    public HistogramIncrease Histogram(MetricName name)
    {
        WatchedMetric metric = pages.Of(name);
        metric.Observations.Begin(Increase(metric.Sums));
        foreach (MetricSeries bucket in metric.Buckets)
        {
            if (bucket.Seen(pages.Now))
                metric.Observations.Add(bucket.UpperBound, Increase(bucket));
        }

        return metric.Observations;
    }

    private double Increase(MetricSeries series) => series.At(pages.Now) - series.At(pages.Before);

    private double Increase(List<MetricSeries> all)
    {
        double sum = 0;
        foreach (MetricSeries series in all)
            sum += series.Seen(pages.Now) ? Increase(series) : 0;
        return sum;
    }

    private static int Met(List<MetricSeries> all, long look)
    {
        int met = 0;
        foreach (MetricSeries series in all)
            met += series.Seen(look) ? 1 : 0;
        return met;
    }
}
