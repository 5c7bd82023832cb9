using Tuner.Policy.Telemetry.Prometheus;

namespace Tuner.Policy.Telemetry;

/// <summary>Reads windows from the metrics page of vLLM servers (V1 engine; names as in docs.vllm.ai, usage/metrics).</summary>
/// <remarks>
/// <para>What vLLM counts differently: prompt and output lengths are those of finished requests; arrivals are what finished plus
/// what is in flight now and was not before; attainment is the smaller of its two parts, as pages do not say which request missed
/// both; percentiles are interpolated within the page's buckets.</para>
/// <para>The first look, and the first after an engine was started anew, give no window. Several servers count as one engine: one that
/// does not answer fails the reading.</para>
/// </remarks>
/// <param name="client">Fetches the pages.</param>
/// <param name="endpoints">Addresses of the pages, such as <c>http://engine:8000/metrics</c>; at least one.</param>
/// <param name="promises">The latency promises to measure attainment by.</param>
/// <param name="time">Measures the length of a window.</param>
public sealed class VllmTelemetry(HttpClient client, IReadOnlyList<Uri> endpoints, ServiceObjective promises, TimeProvider time) : ITelemetrySource
{
    private static readonly string[] NeverTold = ["busy_share", "host_link_use", "prefetch_useful", "quality_balance", "quality_loss_share", "switch_share"];
    private static readonly string[] NeverToldNorBatch = [.. NeverTold, "mean_batch_log"];

    private List<PrometheusSample>? before;
    private long lookedAt;

    /// <inheritdoc/>
    public async ValueTask<TelemetryReading?> ReadAsync(CancellationToken cancellation)
    {
        var after = new List<PrometheusSample>();
        for (int i = 0; i < endpoints.Count; i++)
        {
            string page = await client.GetStringAsync(endpoints[i], cancellation).ConfigureAwait(false);
            string server = $"{i}:";
            after.AddRange(PrometheusText.Parse(page).Where(sample => sample.Name.StartsWith("vllm:", StringComparison.Ordinal)).Select(sample => sample with { Series = server + sample.Series }));
        }

        if (!after.Exists(sample => sample.Name == "vllm:num_requests_running"))
            throw new FormatException($"{endpoints[0]} tells of no vllm:num_requests_running; is it the metrics page of a vLLM server?");
        long now = time.GetTimestamp();
        (List<PrometheusSample>? last, before) = (before, after);
        (long since, lookedAt) = (lookedAt, now);
        if (last is null)
            return null;
        var increase = new PrometheusIncrease(last, after);
        if (increase.WentBack("vllm:generation_tokens", "vllm:prompt_tokens", "vllm:request_success") || last.Count(Running) != after.Count(Running))
            return null;
        WindowMetrics window = Window(increase, time.GetElapsedTime(since, now).TotalSeconds);
        return new TelemetryReading(window, TimeSpan.Zero) { Untold = increase.Has("vllm:iteration_tokens_total") ? NeverTold : NeverToldNorBatch };
    }

    private static bool Running(PrometheusSample sample) => sample.Name == "vllm:num_requests_running";

    private WindowMetrics Window(PrometheusIncrease increase, double seconds)
    {
        double finished = increase.Counter("vllm:request_success");
        double failed = increase.Counter("vllm:request_success", "finished_reason", "abort", "error");
        double inFlight = increase.Gauge("vllm:num_requests_running") + increase.Gauge("vllm:num_requests_waiting");
        double wereInFlight = increase.GaugeBefore("vllm:num_requests_running") + increase.GaugeBefore("vllm:num_requests_waiting");
        HistogramIncrease prompts = increase.Histogram("vllm:request_prompt_tokens");
        HistogramIncrease ttft = increase.Histogram("vllm:time_to_first_token_seconds");
        HistogramIncrease tpot = increase.Histogram(First(increase, "vllm:request_time_per_output_token_seconds", "vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"));
        double cached = increase.Counter("vllm:prefix_cache_hits");
        double looked = increase.Counter("vllm:prefix_cache_queries");
        double drafted = increase.Counter("vllm:spec_decode_num_draft_tokens");
        double accepted = increase.Counter("vllm:spec_decode_num_accepted_tokens");
        double drafts = increase.Counter("vllm:spec_decode_num_drafts");
        double output = increase.Counter("vllm:generation_tokens");
        double steps = increase.Histogram("vllm:iteration_tokens_total").Count;
        double tokensPerSequence = 1 + Ratio(accepted, drafts);
        double ttftKept = ttft.ShareWithin(promises.TtftFor((int)prompts.Mean));
        double tpotKept = tpot.ShareWithin(promises.TpotSeconds);
        return new WindowMetrics
        {
            Seconds = seconds,
            Arrived = Whole(finished + inFlight - wereInFlight),
            Completed = Whole(finished - failed),
            Failed = Whole(failed),
            MeanPromptTokens = prompts.Mean,
            PromptTokensP90 = prompts.Quantile(0.9),
            MeanOutputTokens = increase.Histogram("vllm:request_generation_tokens").Mean,
            PromptTokensPerSecond = Math.Max(0, increase.Counter("vllm:prompt_tokens") - cached) / seconds,
            OutputTokensPerSecond = output / seconds,
            Waiting = Whole(increase.Gauge("vllm:num_requests_waiting")),
            Running = Whole(increase.Gauge("vllm:num_requests_running")),
            MeanBatch = Ratio(output, steps * tokensPerSequence),
            KvUse = increase.MeanGauge(First(increase, "vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc")),
            Preemptions = Whole(increase.Counter("vllm:num_preemptions")),
            TtftP50 = ttft.Quantile(0.5),
            TtftP90 = ttft.Quantile(0.9),
            TpotP50 = tpot.Quantile(0.5),
            TpotP90 = tpot.Quantile(0.9),
            TtftAttainment = ttftKept,
            Attainment = Math.Min(ttftKept, tpotKept) * (finished > 0 ? 1 - Ratio(failed, finished) : 1),
            PrefixHitRate = Ratio(cached, looked),
            DraftAcceptance = Ratio(accepted, drafted),
        };
    }

    private static string First(PrometheusIncrease increase, params string[] names) => names.FirstOrDefault(increase.Has) ?? names[0];

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;

    private static int Whole(double count) => (int)Math.Clamp(Math.Round(count), 0, int.MaxValue);
}
