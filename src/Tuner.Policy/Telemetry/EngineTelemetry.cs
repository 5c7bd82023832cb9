using Tuner.Policy.Telemetry.Prometheus;

namespace Tuner.Policy.Telemetry;

/// <summary>Reads windows from the Prometheus pages of an engine's servers.</summary>
/// <remarks>
/// <para>What pages count differently from the simulator: prompt and output lengths are those of finished requests; arrivals are what
/// ended plus what is in flight now and was not before; attainment is the smaller of its two parts, as pages do not say which request
/// missed both; percentiles are interpolated within the page's buckets.</para>
/// <para>The first look, and the first after an engine was started anew, give no window. Several servers count as one engine: one that
/// does not answer fails the reading.</para>
/// </remarks>
/// <param name="client">Fetches the pages.</param>
/// <param name="engine">Which engine serves them.</param>
/// <param name="endpoints">Addresses of the pages, such as <c>http://engine:8000/metrics</c>; at least one.</param>
/// <param name="promises">The latency promises to measure attainment by.</param>
/// <param name="time">Measures the length of a window.</param>
public sealed class EngineTelemetry(HttpClient client, EngineMetrics engine, IReadOnlyList<Uri> endpoints, ServiceObjective promises, TimeProvider time) : ITelemetrySource
{
    // llama.cpp says so with every page (tools/server/server-context.cpp).
    private const string StartHeader = "Process-Start-Time-Unix";

    private readonly WindowReader reader = new(engine, promises);
    private List<PrometheusSample>? before;
    private string startedBefore = "";
    private long lookedAt;

    /// <inheritdoc/>
    public async ValueTask<TelemetryReading?> ReadAsync(CancellationToken cancellation)
    {
        var after = new List<PrometheusSample>();
        string started = "";
        for (int i = 0; i < endpoints.Count; i++)
        {
            using HttpResponseMessage answer = await client.GetAsync(endpoints[i], cancellation).ConfigureAwait(false);
            answer.EnsureSuccessStatusCode();
            if (answer.Headers.TryGetValues(StartHeader, out IEnumerable<string>? values))
                started += string.Join(' ', values) + ';';
            string page = await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            List<PrometheusSample> samples = [.. PrometheusText.Parse(page).Where(Counts)];
            if (!samples.Exists(IsRunning))
                throw new FormatException($"{endpoints[i]} tells of no {engine.Running.Name}; expected the metrics page of {engine.Engine}{(engine.Remedy.Length > 0 ? $" ({engine.Remedy})" : "")}");
            string server = $"{i}:";
            after.AddRange(samples.Select(sample => sample with { Series = server + sample.Series }));
        }

        long now = time.GetTimestamp();
        (List<PrometheusSample>? last, before) = (before, after);
        (long since, lookedAt) = (lookedAt, now);
        (string startedThen, startedBefore) = (startedBefore, started);
        if (last is null || started != startedThen)
            return null;
        var increase = new PrometheusIncrease(last, after);
        if (increase.WentBack(engine.Resets) || last.Count(IsRunning) != after.Count(IsRunning))
            return null;
        return reader.Read(increase, time.GetElapsedTime(since, now).TotalSeconds, endpoints[0]);
    }

    private bool Counts(PrometheusSample sample)
        => sample.Name.StartsWith(engine.Prefix, StringComparison.Ordinal)
            && !(engine.Only is { } only && sample.Labels.TryGetValue(only.Label, out string? value) && value != only.Value);

    private bool IsRunning(PrometheusSample sample) => sample.Name == engine.Running.Name && engine.Running.Covers(sample);
}
