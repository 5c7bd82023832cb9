namespace Tuner.Policy.Observations;

/// <summary>What a policy sees: the names of an observation's fields, in order. A change of either bumps the version.</summary>
public static class ObservationSchema
{
    /// <summary>Version of the encoding; policy files carry it and refuse another.</summary>
    public const int Version = 2;

    private static readonly string[] Names =
    [
        "arrival_rate_log", "arrival_trend_short", "arrival_trend_long", "prompt_tokens_log", "prompt_p90_log", "output_tokens_log",
        "arrival_rate_recent_log", "prompt_tokens_recent_log", "prompt_p90_recent_log", "output_tokens_recent_log",
        "prompt_token_rate_log", "output_token_rate_log", "waiting_log", "running_log", "mean_batch_log", "kv_use", "busy_share",
        "preemptions_log", "ttft_p50_log", "ttft_p90_log", "tpot_p50_share", "tpot_p90_share", "ttft_attainment", "attainment",
        "prefix_hit_rate", "draft_acceptance", "host_link_use", "prefetch_useful", "quality_balance", "quality_loss_share",
        "switch_share", "since_switch",
        "parallelism_single", "parallelism_tensor", "parallelism_pipeline", "parallelism_hybrid", "precision_fp4", "max_batch",
        "batch_wait", "kv_compression", "speculation", "draft", "kv_prefetch",
    ];

    private static readonly int[] Traffic = [.. new[] { "arrival_rate_recent_log", "prompt_tokens_recent_log", "prompt_p90_recent_log", "output_tokens_recent_log" }.Select(name => Array.IndexOf(Names, name))];

    /// <summary>Indices of the fields that describe recent traffic and not how it was served.</summary>
    public static ReadOnlySpan<int> TrafficFields => Traffic;

    /// <summary>The fields' names.</summary>
    public static IReadOnlyList<string> FieldNames => Names;

    /// <summary>Number of fields.</summary>
    public static int FieldCount => Names.Length;
}
