using Tuner.Policy.Telemetry.Prometheus;

namespace Tuner.Policy.Telemetry;

/// <summary>Under which names an engine's metrics page tells what a window holds.</summary>
/// <remarks>
/// Where an engine has renamed a metric, newer names stand first. What a table leaves out, the engine does not tell: the policy sees its
/// training mean instead. Without <em>both</em> latency histograms attainment is untold, and a mode that acts only advises.
/// </remarks>
public sealed record EngineMetrics
{
    private EngineMetrics()
    {
    }

    /// <summary>vLLM's V1 engine (v0.11: vllm/v1/metrics/loggers.py, vllm/v1/spec_decode/metrics.py; docs.vllm.ai, usage/metrics), and older names.</summary>
    public static EngineMetrics Vllm { get; } = new()
    {
        Engine = "a vLLM server",
        Prefix = "vllm:",
        Running = "vllm:num_requests_running",
        Waiting = "vllm:num_requests_waiting",
        Resets = ["vllm:generation_tokens", "vllm:prompt_tokens", "vllm:request_success"],
        Ended = "vllm:request_success",
        FailedAmong = new MetricName("vllm:request_success").Where("finished_reason", "abort", "error"),
        PromptTokens = "vllm:prompt_tokens",
        OutputTokens = ["vllm:generation_tokens"],
        CachedTokens = "vllm:prefix_cache_hits",
        CacheQueries = "vllm:prefix_cache_queries",
        PromptLengths = "vllm:request_prompt_tokens",
        OutputLengths = "vllm:request_generation_tokens",
        Ttft = "vllm:time_to_first_token_seconds",
        Tpot = ["vllm:request_time_per_output_token_seconds", "vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"],
        KvUse = ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"],
        Preemptions = "vllm:num_preemptions",
        Drafted = "vllm:spec_decode_num_draft_tokens",
        Accepted = "vllm:spec_decode_num_accepted_tokens",
        Drafts = "vllm:spec_decode_num_drafts",
        Steps = "vllm:iteration_tokens_total",
    };

    /// <summary>SGLang, started with <c>--enable-metrics</c> (python/sglang/srt/observability/metrics_collector.py at 016d8605; before 2026 srt/metrics/collector.py).</summary>
    /// <remarks>
    /// Under priority scheduling a gauge's total stands under <c>priority=""</c>, its parts beside it. Tokens are counted as they come by
    /// <c>realtime_tokens_total</c>, at the end of a request by the others. Time per token is told token by token, not as a request's mean.
    /// </remarks>
    public static EngineMetrics Sglang { get; } = new()
    {
        Engine = "an SGLang server",
        Remedy = "SGLang tells with --enable-metrics, and of this one from its first batch on",
        Prefix = "sglang:",
        Only = ("priority", ""),
        Running = "sglang:num_running_reqs",
        Waiting = "sglang:num_queue_reqs",
        Resets = ["sglang:realtime_tokens", "sglang:prompt_tokens", "sglang:generation_tokens", "sglang:num_requests"],
        Ended = "sglang:num_requests",
        FailedBeside = "sglang:num_aborted_requests",
        PromptTokens = "sglang:prompt_tokens",
        PromptTokensComputed = new MetricName("sglang:realtime_tokens").Where("mode", "prefill_compute"),
        OutputTokens = [new MetricName("sglang:realtime_tokens").Where("mode", "decode"), "sglang:generation_tokens"],
        CachedTokens = "sglang:cached_tokens",
        PromptLengths = "sglang:prompt_tokens_histogram",
        OutputLengths = "sglang:generation_tokens_histogram",
        Ttft = "sglang:time_to_first_token_seconds",
        Tpot = ["sglang:inter_token_latency_seconds"],
        KvUse = ["sglang:token_usage"],
        Preemptions = "sglang:num_retracted_requests",
        AcceptanceRate = "sglang:spec_accept_rate",
    };

    /// <summary>TensorRT-LLM's <c>trtllm-serve</c>, page <c>/prometheus/metrics</c> (tensorrt_llm/metrics/collector.py at 050f80de; openai_server.py mounts it).</summary>
    /// <remarks>
    /// Needs <c>return_perf_metrics: true</c> and <c>enable_iter_perf_stats: true</c>. Its <c>/metrics</c> is JSON of single iterations and is
    /// not read. Tokens are counted when a request ends; lengths are told as means alone; pauses are not counted.
    /// </remarks>
    public static EngineMetrics TensorRtLlm { get; } = new()
    {
        Engine = "a trtllm-serve server (/prometheus/metrics)",
        Remedy = "trtllm-serve tells with return_perf_metrics and enable_iter_perf_stats set to true",
        Prefix = "trtllm_",
        Running = "trtllm_num_requests_running",
        Waiting = "trtllm_num_requests_waiting",
        Resets = ["trtllm_generation_tokens", "trtllm_prompt_tokens", "trtllm_request_success"],
        Ended = "trtllm_request_success",
        FailedAmong = new MetricName("trtllm_request_success").Where("finished_reason", "cancelled", "timeout"),
        FailedBeside = "trtllm_request_error",
        PromptTokens = "trtllm_prompt_tokens",
        OutputTokens = ["trtllm_generation_tokens"],
        CachedTokens = "trtllm_prompt_cached_tokens",
        Ttft = "trtllm_time_to_first_token_seconds",
        Tpot = ["trtllm_time_per_output_token_seconds"],
        KvUse = ["trtllm_kv_cache_utilization"],
        Drafted = "trtllm_spec_decode_num_draft_tokens",
        Accepted = "trtllm_spec_decode_num_accepted_tokens",
    };

    /// <summary>
    /// llama.cpp's server, started with <c>--metrics</c> (tools/server/server-task.cpp, <c>server_task_result_metrics::to_metrics</c>; names of
    /// drafts and of cached tokens since 2026).
    /// </summary>
    /// <remarks>
    /// It counts no requests and has no histogram: arrivals, lengths, time to first token and attainment are untold. Time per token is a mean.
    /// Numbers are printed with six digits, so that rates coarsen as counters grow.
    /// </remarks>
    public static EngineMetrics LlamaCpp { get; } = new()
    {
        Engine = "a llama.cpp server",
        Remedy = "llama-server tells with --metrics",
        Prefix = "llamacpp:",
        Running = "llamacpp:requests_processing",
        Waiting = "llamacpp:requests_deferred",
        Resets = ["llamacpp:prompt_tokens", "llamacpp:tokens_predicted", "llamacpp:n_decode"],
        PromptTokensComputed = "llamacpp:prompt_tokens",
        OutputTokens = ["llamacpp:tokens_predicted"],
        OutputSeconds = "llamacpp:tokens_predicted_seconds",
        CachedTokens = "llamacpp:prompt_tokens_cached",
        Drafted = "llamacpp:spec_decode_num_draft_tokens",
        Accepted = "llamacpp:spec_decode_num_accepted_tokens",
        MeanBatch = "llamacpp:n_busy_slots_per_decode",
        MeanBatchOver = "llamacpp:n_decode",
    };

    /// <summary>What serves the page, for messages.</summary>
    internal string Engine { get; init; } = "";

    /// <summary>What to do where the page does not tell; empty where it always does.</summary>
    internal string Remedy { get; init; } = "";

    /// <summary>What the engine's names begin with.</summary>
    internal string Prefix { get; init; } = "";

    /// <summary>Series that have this label at another value are left out.</summary>
    internal (string Label, string Value)? Only { get; init; }

    /// <summary>Gauge: requests running.</summary>
    internal MetricName Running { get; init; } = "";

    /// <summary>Gauge: requests waiting.</summary>
    internal MetricName Waiting { get; init; } = "";

    /// <summary>Counters that go back only when the engine is started anew.</summary>
    internal MetricName[] Resets { get; init; } = [];

    /// <summary>Counter: requests that ended.</summary>
    internal MetricName? Ended { get; init; }

    /// <summary>Those among <see cref="Ended"/> that failed.</summary>
    internal MetricName? FailedAmong { get; init; }

    /// <summary>Counter: requests that failed and are not among <see cref="Ended"/>.</summary>
    internal MetricName? FailedBeside { get; init; }

    /// <summary>Counter: prompt tokens, cached ones included.</summary>
    internal MetricName? PromptTokens { get; init; }

    /// <summary>Counter: prompt tokens computed, cached ones not included.</summary>
    internal MetricName? PromptTokensComputed { get; init; }

    /// <summary>Counter: output tokens, best first.</summary>
    internal MetricName[] OutputTokens { get; init; } = [];

    /// <summary>Counter: seconds that requests spent on output tokens, where there is no histogram.</summary>
    internal MetricName? OutputSeconds { get; init; }

    /// <summary>Counter: prompt tokens found in the prefix cache.</summary>
    internal MetricName? CachedTokens { get; init; }

    /// <summary>Counter: prompt tokens looked up there; all of them where it is left out.</summary>
    internal MetricName? CacheQueries { get; init; }

    /// <summary>Histogram: prompt lengths, tokens.</summary>
    internal MetricName? PromptLengths { get; init; }

    /// <summary>Histogram: output lengths, tokens.</summary>
    internal MetricName? OutputLengths { get; init; }

    /// <summary>Histogram: time to first token.</summary>
    internal MetricName? Ttft { get; init; }

    /// <summary>Histogram: time per output token, best first.</summary>
    internal MetricName[] Tpot { get; init; } = [];

    /// <summary>Gauge: share of KV blocks in use.</summary>
    internal MetricName[] KvUse { get; init; } = [];

    /// <summary>Counter: requests thrown back to the queue.</summary>
    internal MetricName? Preemptions { get; init; }

    /// <summary>Counter: drafted tokens.</summary>
    internal MetricName? Drafted { get; init; }

    /// <summary>Counter: drafted tokens accepted.</summary>
    internal MetricName? Accepted { get; init; }

    /// <summary>Counter: drafts verified.</summary>
    internal MetricName? Drafts { get; init; }

    /// <summary>Gauge: share of drafted tokens accepted, where they are not counted.</summary>
    internal MetricName? AcceptanceRate { get; init; }

    /// <summary>Histogram with an observation an engine step.</summary>
    internal MetricName? Steps { get; init; }

    /// <summary>Mean sequences a step since the engine began, where steps are not told by a histogram.</summary>
    internal MetricName? MeanBatch { get; init; }

    /// <summary>Counter: the steps <see cref="MeanBatch"/> is taken over.</summary>
    internal MetricName? MeanBatchOver { get; init; }

    /// <summary>
    /// TensorRT-LLM behind Triton, port 8002 (tensorrt_llm/batch_manager metrics of triton_backend/inflight_batcher_llm/src/custom_metrics_reporter;
    /// nv_inference_* of Triton's docs/user_guide/metrics.md).
    /// </summary>
    /// <param name="model">The model of the repository that holds the engine; others, such as pre- and post-processing, are left out.</param>
    /// <remarks>
    /// Time to first token is Triton's time to first response: start it with <c>--metrics-config histogram_latencies=true</c> and stream.
    /// Triton does not tell time per token, preemptions and cache hits, so attainment is untold. Running and waiting are the request types that the
    /// Gateway API Inference Extension reads (its model-server protocol).
    /// </remarks>
    public static EngineMetrics Triton(string model = "tensorrt_llm") => new()
    {
        Engine = $"a Triton server of the TensorRT-LLM model {model}",
        Remedy = "Triton tells of it on port 8002, and of first responses with --metrics-config histogram_latencies=true",
        Prefix = "nv_",
        Only = ("model", model),
        Running = new MetricName("nv_trt_llm_request_metrics").Where("request_type", "scheduled"),
        Waiting = new MetricName("nv_trt_llm_request_metrics").Where("request_type", "waiting"),
        Resets = ["nv_inference_request_success"],
        Ended = "nv_inference_request_success",
        FailedBeside = "nv_inference_request_failure",
        PromptTokens = "nv_llm_input_token_len_sum",
        OutputTokens = ["nv_llm_output_token_len_sum"],
        PromptLengths = "nv_llm_input_token_len",
        OutputLengths = "nv_llm_output_token_len",
        Ttft = new MetricName("nv_inference_first_response_histogram_ms") { Scale = 1e-3 },
        KvUse = [new MetricName("nv_trt_llm_kv_cache_block_metrics").Where("kv_cache_block_type", "fraction")],
    };
}
