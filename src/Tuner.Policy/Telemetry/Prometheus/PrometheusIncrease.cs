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
    public bool Has(string name) => after.Exists(sample => sample.Name == name || sample.Name == name + "_total" || sample.Name == name + "_count");

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

    /// <summary>A counter's increase over all its series, or those with a label of one of these values. The name may lack its <c>_total</c>.</summary>
    public double Counter(string name, string? label = null, params string[] values)
        => Of(name)
            .Where(sample => label is null || (sample.Labels.TryGetValue(label, out string? value) && values.Contains(value)))
            .Sum(sample => sample.Value - Before(sample));

    /// <summary>A gauge, added up over its series.</summary>
    public double Gauge(string name) => Of(name).Sum(sample => sample.Value);

    /// <summary>A gauge as it was, added up over its series.</summary>
    public double GaugeBefore(string name) => Of(name).Sum(Before);

    /// <summary>A gauge's mean over its series; 0 without any.</summary>
    public double MeanGauge(string name) => Of(name).Select(sample => sample.Value).DefaultIfEmpty(0).Average();

    /// <summary>A histogram's new observations over all its series.</summary>
    public HistogramIncrease Histogram(string name) => new(
        after.Where(sample => sample.Name == name + "_bucket" && sample.Labels.ContainsKey("le")).Select(sample => (sample.Labels["le"], sample.Value - Before(sample))),
        after.Where(sample => sample.Name == name + "_sum").Sum(sample => sample.Value - Before(sample)));

    private IEnumerable<PrometheusSample> Of(string name) => after.Where(sample => sample.Name == name || sample.Name == name + "_total");

    private double Before(PrometheusSample sample) => before.GetValueOrDefault(sample.Series);
}
