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

    /// <summary>A page of an engine has some tens of kilobytes; one without end is given up here.</summary>
    private const int MostBytes = 64 << 20;

    private readonly WindowReader reader = new(engine, promises);
    private readonly PrometheusPages pages = new(engine, endpoints.Count);
    private byte[] buffer = new byte[64 << 10];
    private string startedBefore = "";
    private long lookedAt;

    /// <inheritdoc/>
    public async ValueTask<TelemetryReading?> ReadAsync(CancellationToken cancellation)
    {
        string started = "";
        pages.Begin();
        for (int i = 0; i < endpoints.Count; i++)
        {
            using HttpResponseMessage answer = await client.GetAsync(endpoints[i], HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            answer.EnsureSuccessStatusCode();
            if (answer.Headers.TryGetValues(StartHeader, out IEnumerable<string>? values))
                started += string.Join(' ', values) + ';';
            int length = await FillAsync(answer, endpoints[i], cancellation).ConfigureAwait(false);
            if (!pages.Read(i, buffer.AsSpan(0, length)))
                throw new FormatException($"{endpoints[i]} tells of no {engine.Running.Name}; expected the metrics page of {engine.Engine}{(engine.Remedy.Length > 0 ? $" ({engine.Remedy})" : "")}");
        }

        pages.End();
        long now = time.GetTimestamp();
        (long since, lookedAt) = (lookedAt, now);
        (string startedThen, startedBefore) = (startedBefore, started);
        if (pages.Before < 0 || started != startedThen)
            return null;
        var increase = new PrometheusIncrease(pages);
        if (increase.WentBack(engine.Resets) || increase.ChangedNumber(engine.Running))
            return null;
        return reader.Read(increase, time.GetElapsedTime(since, now).TotalSeconds, endpoints[0]);
    }

    /// <summary>Reads a page into the buffer, which is used again and grows with the pages.</summary>
    /// <returns>Its length, bytes.</returns>
    private async ValueTask<int> FillAsync(HttpResponseMessage answer, Uri page, CancellationToken cancellation)
    {
        Stream body = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            int length = 0;
            while (true)
            {
                int read = await body.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
                if (read == 0)
                    return length;
                length += read;
                if (length == MostBytes)
                    throw new FormatException($"{page} is longer than {MostBytes >> 20} MiB; expected a metrics page");
                if (length == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }
}
