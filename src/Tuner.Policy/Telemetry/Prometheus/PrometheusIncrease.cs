namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>What happened between two looks at a metrics page: counters' increases, histograms' new observations, gauges as they are.</summary>
internal sealed class PrometheusIncrease
{
    private readonly Dictionary<string, double> before;
    private readonly List<PrometheusSample> after;

    /// <summary>Compares two pages.</summary>
    public PrometheusIncrease(IEnumerable<PrometheusSample> before, List<PrometheusSample> after)
    {
        // The same series twice on a page (several endpoints behind one name) counts once for each.
        this.before = before.GroupBy(sample => sample.Series).ToDictionary(group => group.Key, group => group.Sum(sample => sample.Value));
        this.after = after;
    }

    /// <summary>Whether the page tells of a metric: a counter, a gauge, or a histogram.</summary>
    public bool Has(MetricName name)
        => after.Exists(sample => (sample.Name == name.Name || sample.Name == name.Name + "_total" || sample.Name == name.Name + "_count") && name.Covers(sample));

    /// <summary>Whether one of these counters went back or vanished, or says it was made anew: the engine was restarted in between.</summary>
    public bool WentBack(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            bool vanished = !Has(name) && before.Keys.Any(series => series.Contains(name, StringComparison.Ordinal));
            bool anew = after.Exists(sample => sample.Name == name + "_created" && before.TryGetValue(sample.Series, out double was) && was != sample.Value);
            if (vanished || anew || Of(name).Any(sample => sample.Value < Before(sample)))
                return true;
        }

        return false;
    }

    /// <summary>A counter's increase over its series. The name may lack its <c>_total</c>.</summary>
    public double Counter(MetricName name) => name.Scale * Of(name).Sum(sample => sample.Value - Before(sample));

    /// <summary>A gauge, added up over its series.</summary>
    public double Gauge(MetricName name) => name.Scale * Of(name).Sum(sample => sample.Value);

    /// <summary>A gauge as it was, added up over its series.</summary>
    public double GaugeBefore(MetricName name) => name.Scale * Of(name).Sum(Before);

    /// <summary>A gauge's mean over its series; 0 without any.</summary>
    public double MeanGauge(MetricName name) => name.Scale * Of(name).Select(sample => sample.Value).DefaultIfEmpty(0).Average();

    /// <summary>The mean between the looks of what a page tells as a mean since it began, over what a counter counts; server by server.</summary>
    public double MeanSince(MetricName mean, MetricName over)
    {
        double sum = 0, count = 0;
        foreach ((PrometheusSample told, PrometheusSample counted) in Of(mean).Zip(Of(over)))
        {
            sum += (told.Value * counted.Value) - (Before(told) * Before(counted));
            count += counted.Value - Before(counted);
        }

        return count > 0 ? Math.Max(0, sum / count) : 0;
    }

    /// <summary>A histogram's new observations over its series.</summary>
    public HistogramIncrease Histogram(MetricName name) => new(
        after.Where(sample => sample.Name == name.Name + "_bucket" && sample.Labels.ContainsKey("le") && name.Covers(sample)).Select(sample => (sample.Labels["le"], sample.Value - Before(sample))),
        after.Where(sample => sample.Name == name.Name + "_sum" && name.Covers(sample)).Sum(sample => sample.Value - Before(sample)),
        name.Scale);

    private IEnumerable<PrometheusSample> Of(MetricName name)
        => after.Where(sample => (sample.Name == name.Name || sample.Name == name.Name + "_total") && name.Covers(sample));

    private double Before(PrometheusSample sample) => before.GetValueOrDefault(sample.Series);
}
