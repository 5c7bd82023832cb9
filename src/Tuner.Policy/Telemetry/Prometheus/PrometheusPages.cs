namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>The metrics pages of an engine's servers, at the last two whole looks.</summary>
/// <remarks>
/// A page hardly changes but for its numbers. Each series is taken apart when it is first met; from then on a look compares bytes with the
/// series that stood there before, and parses the number behind. A look that breaks off leaves the two before as they were.
/// </remarks>
internal sealed class PrometheusPages
{
    /// <summary>Series not met for two looks are kept until they outnumber those met, and by so many.</summary>
    private const int Slack = 256;

    private readonly EngineMetrics engine;
    private readonly Dictionary<byte[], MetricSeries>[] known;
    private readonly MetricSeries?[] first;
    private readonly Dictionary<MetricName, WatchedMetric> watched = new(ReferenceEqualityComparer.Instance);
    private long look;
    private int met;

    /// <param name="engine">Says which series count.</param>
    /// <param name="servers">Number of pages a look takes.</param>
    public PrometheusPages(EngineMetrics engine, int servers)
    {
        this.engine = engine;
        known = new Dictionary<byte[], MetricSeries>[servers];
        for (int i = 0; i < servers; i++)
            known[i] = new Dictionary<byte[], MetricSeries>(ByteTextComparer.Instance);
        first = new MetricSeries?[servers];
    }

    /// <summary>The last whole look; -1 before there was one.</summary>
    public long Now { get; private set; } = -1;

    /// <summary>The whole look before; -1 before there was one.</summary>
    public long Before { get; private set; } = -1;

    /// <summary>Begins a look: then each server's page is read, and the look ended.</summary>
    public void Begin()
    {
        ForgetWhatIsGone();

        // Two looks of one parity share a place in a series: a new one takes that of the look before the last whole one.
        look += (look + 1 - Now) % 2 == 0 ? 2 : 1;
        met = 0;
    }

    /// <summary>Reads one server's page.</summary>
    /// <returns>Whether it tells how many requests run: every page of the engine does.</returns>
    /// <exception cref="FormatException">A line is no sample; the message says which.</exception>
    public bool Read(int server, ReadOnlySpan<byte> page)
    {
        MetricSeries? last = null;
        bool running = false;
        int number = 0;
        while (PrometheusText.TryNext(ref page, ref number, out ReadOnlySpan<byte> line))
        {
            ref MetricSeries? next = ref first[server];
            MetricSeries? expected = last is null ? next : last.Next;
            MetricSeries series = expected?.Begins(line) == true ? expected : Find(server, line, number);
            if (last is null)
                next = series;
            else
                last.Next = series;
            last = series;
            series.Put(look, PrometheusText.Value(line, series.Text.Length, number));
            running |= series.Counts && series.Name == engine.Running.Name && engine.Running.Covers(series.Labels);
            met++;
        }

        return running;
    }

    /// <summary>Ends a look: it is whole.</summary>
    public void End() => (Before, Now) = (Now, look);

    /// <summary>The series met of one metric.</summary>
    public WatchedMetric Of(MetricName name)
    {
        if (watched.TryGetValue(name, out WatchedMetric? metric))
            return metric;
        metric = new WatchedMetric(name);
        foreach (Dictionary<byte[], MetricSeries> server in known)
        {
            foreach (MetricSeries series in server.Values)
            {
                if (series.Counts)
                    metric.Offer(series);
            }
        }

        return watched[name] = metric;
    }

    private MetricSeries Find(int server, ReadOnlySpan<byte> line, int number)
    {
        if (PrometheusText.SeriesEnd(line) is > 0 and var end
            && known[server].GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(line[..end], out MetricSeries? series))
            return series;
        (int length, string name, IReadOnlyDictionary<string, string> labels) = PrometheusText.Series(line, number);
        byte[] text = line[..length].ToArray();
        series = new MetricSeries(text, name, labels)
        {
            Counts = name.StartsWith(engine.Prefix, StringComparison.Ordinal)
                && !(engine.Only is { } only && labels.TryGetValue(only.Label, out string? value) && value != only.Value),
        };
        known[server][text] = series;
        if (series.Counts)
        {
            foreach (WatchedMetric metric in watched.Values)
                metric.Offer(series);
        }

        return series;
    }

    /// <summary>Where labels name what comes and goes, series would pile up.</summary>
    private void ForgetWhatIsGone()
    {
        int kept = 0;
        foreach (Dictionary<byte[], MetricSeries> server in known)
            kept += server.Count;
        if (kept <= (2 * met) + Slack)
            return;
        Array.Clear(first);
        foreach (Dictionary<byte[], MetricSeries> server in known)
        {
            foreach ((byte[] text, MetricSeries series) in server)
            {
                series.Next = null;
                if (!series.Seen(Before) && !series.Seen(Now))
                    server.Remove(text);
            }
        }

        foreach (WatchedMetric metric in watched.Values)
            metric.Forget(Before, Now);
    }
}
