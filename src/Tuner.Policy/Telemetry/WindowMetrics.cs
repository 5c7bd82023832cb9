namespace Tuner.Policy.Telemetry;

/// <summary>What one decision window looked like, as an engine's metrics endpoint and its gateway can tell it.</summary>
/// <remarks>
/// A simulated window and a real one are this same type. Rates and means are over the window; gauges are read at its
/// end. A percentile or mean over nothing is 0, and the count beside it is 0 as well. Nothing here is NaN.
/// </remarks>
public readonly record struct WindowMetrics
{
    /// <summary>Length of the window in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Requests that arrived.</summary>
    public int Arrived { get; init; }

    /// <summary>Requests that finished.</summary>
    public int Completed { get; init; }

    /// <summary>Requests refused or given up.</summary>
    public int Failed { get; init; }

    /// <summary>Mean prompt length of the arrived requests, tokens.</summary>
    public double MeanPromptTokens { get; init; }

    /// <summary>90th percentile of the arrived prompts' length, tokens.</summary>
    public double PromptTokensP90 { get; init; }

    /// <summary>Mean output length of the finished requests, tokens.</summary>
    public double MeanOutputTokens { get; init; }

    /// <summary>Prompt tokens processed a second, prefix hits excluded.</summary>
    public double PromptTokensPerSecond { get; init; }

    /// <summary>Output tokens produced a second.</summary>
    public double OutputTokensPerSecond { get; init; }

    /// <summary>Requests waiting to be admitted (gauge).</summary>
    public int Waiting { get; init; }

    /// <summary>Requests running (gauge).</summary>
    public int Running { get; init; }

    /// <summary>Mean sequences in a batch, over busy time, per replica.</summary>
    public double MeanBatch { get; init; }

    /// <summary>Share of KV blocks in use by running requests, 0 to 1 (gauge, mean over replicas).</summary>
    public double KvUse { get; init; }

    /// <summary>Share of the replicas' time spent executing steps, 0 to 1.</summary>
    public double BusyShare { get; init; }

    /// <summary>Running requests thrown back to the queue for want of KV blocks.</summary>
    public int Preemptions { get; init; }

    /// <summary>Median time to first token of requests that got theirs in this window, seconds.</summary>
    public double TtftP50 { get; init; }

    /// <summary>90th percentile of the same, seconds.</summary>
    public double TtftP90 { get; init; }

    /// <summary>Median time per output token of finished requests, seconds.</summary>
    public double TpotP50 { get; init; }

    /// <summary>90th percentile of the same, seconds.</summary>
    public double TpotP90 { get; init; }

    /// <summary>Share of this window's first tokens that met the TTFT promise, 0 to 1; 1 when there were none.</summary>
    public double TtftAttainment { get; init; }

    /// <summary>Share of finished and failed requests that met both promises, 0 to 1; 1 when there were none.</summary>
    public double Attainment { get; init; }

    /// <summary>Share of prompt tokens found in the prefix cache, 0 to 1.</summary>
    public double PrefixHitRate { get; init; }

    /// <summary>Drafted tokens accepted over drafted tokens, 0 to 1; 0 while speculation is off.</summary>
    public double DraftAcceptance { get; init; }

    /// <summary>Share of the host link's time spent copying KV, 0 to 1.</summary>
    public double HostLinkUse { get; init; }

    /// <summary>Share of prefetched KV blocks that a request used before they were dropped, 0 to 1.</summary>
    public double PrefetchUseful { get; init; }

    /// <summary>Mean power of all GPUs, watts.</summary>
    public double PowerWatts { get; init; }

    /// <summary>Mean quality loss of the requests finished in this window, points (see the scenario's sources).</summary>
    public double QualityLoss { get; init; }

    /// <summary>
    /// What is left of the quality budget: points·requests saved up (positive) or overdrawn, since the run began, over
    /// the budget of the requests of one average window. 10 means ten windows' worth are saved. What running requests have lost so
    /// far is taken off already; the budget they bring comes when they end.
    /// </summary>
    public double QualityBalance { get; init; }

    /// <summary>Time the replicas lost to changes of settings, as a share of the window, 0 to 1.</summary>
    public double SwitchShare { get; init; }

    /// <summary>Seconds since settings last changed.</summary>
    public double SecondsSinceSwitch { get; init; }
}
