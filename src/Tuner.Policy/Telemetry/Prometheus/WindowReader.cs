using System.Runtime.InteropServices;

namespace Tuner.Policy.Telemetry.Prometheus;

/// <summary>Makes a window of what happened between two looks at an engine's pages, and says what it could not tell.</summary>
internal sealed class WindowReader(EngineMetrics engine, ServiceObjective promises)
{
    private static readonly string[] NeverTold = ["busy_share", "host_link_use", "prefetch_useful", "switch_share"];

    private readonly List<string> untold = [];
    private string[] untoldBefore = [];

    /// <summary>Reads a window.</summary>
    /// <exception cref="FormatException">Requests ended, but the page keeps back what the engine could tell.</exception>
    public TelemetryReading Read(PrometheusIncrease increase, double seconds, Uri page)
    {
        untold.Clear();
        untold.AddRange(NeverTold);
        double ended = Counter(increase, engine.Ended);
        double beside = Counter(increase, engine.FailedBeside);
        double failed = Counter(increase, engine.FailedAmong) + beside;
        double running = increase.Gauge(engine.Running);
        double waiting = increase.Gauge(engine.Waiting);
        double wereInFlight = increase.GaugeBefore(engine.Running) + increase.GaugeBefore(engine.Waiting);
        double output = Counter(increase, First(increase, engine.OutputTokens));
        double drafted = Counter(increase, engine.Drafted);
        double accepted = Counter(increase, engine.Accepted);
        HistogramIncrease? ttft = Told(increase, engine.Ttft, ended, page, "ttft_p50_log", "ttft_p90_log", "ttft_attainment");
        HistogramIncrease? tpot = Told(increase, First(increase, engine.Tpot), ended, page, "tpot_p90_share");
        double outputSeconds = Counter(increase, engine.OutputSeconds);
        if (tpot is null && engine.OutputSeconds is null)
            untold.Add("tpot_p50_share");
        if (ttft is null || tpot is null)
            untold.Add("attainment");
        if (engine.Ended is null)
            untold.AddRange(["arrival_rate_log", "arrival_trend_short", "arrival_trend_long", "arrival_rate_recent_log"]);
        if (engine.Preemptions is null)
            untold.Add("preemptions_log");
        if (engine.CachedTokens is null)
            untold.Add("prefix_hit_rate");
        if (engine.Drafted is null && engine.AcceptanceRate is null)
            untold.Add("draft_acceptance");
        MetricName? kvUse = First(increase, engine.KvUse);
        if (kvUse is null || !increase.Has(kvUse))
            untold.Add("kv_use");

        double cached = Counter(increase, engine.CachedTokens);
        double prompt = Counter(increase, engine.PromptTokens);
        double computed = engine.PromptTokensComputed is { } counted && (engine.PromptTokens is null || increase.Has(counted))
            ? increase.Counter(counted)
            : Math.Max(0, prompt - cached);
        double looked = engine.CacheQueries is { } queries ? increase.Counter(queries) : engine.PromptTokens is null ? computed + cached : prompt;
        (double meanPrompt, double p90Prompt) = Lengths(increase, engine.PromptLengths, prompt, ended, "prompt_tokens_log", "prompt_tokens_recent_log", "prompt_p90_log", "prompt_p90_recent_log");
        (double meanOutput, _) = Lengths(increase, engine.OutputLengths, engine.PromptTokens is null ? 0 : Counter(increase, engine.OutputTokens[^1]), ended, "output_tokens_log", "output_tokens_recent_log");
        double ttftKept = ttft?.ShareWithin(promises.TtftFor((int)meanPrompt)) ?? 1;
        double tpotKept = tpot?.ShareWithin(promises.TpotSeconds) ?? 1;
        double all = ended + beside;
        var window = new WindowMetrics
        {
            Seconds = seconds,
            Arrived = engine.Ended is null ? 0 : Whole(all + running + waiting - wereInFlight),
            Completed = Whole(all - failed),
            Failed = Whole(failed),
            MeanPromptTokens = meanPrompt,
            PromptTokensP90 = p90Prompt,
            MeanOutputTokens = meanOutput,
            PromptTokensPerSecond = computed / seconds,
            OutputTokensPerSecond = output / seconds,
            Waiting = Whole(waiting),
            Running = Whole(running),
            MeanBatch = MeanBatch(increase, output, accepted),
            KvUse = kvUse is null ? 0 : increase.MeanGauge(kvUse),
            Preemptions = Whole(Counter(increase, engine.Preemptions)),
            TtftP50 = ttft?.Quantile(0.5) ?? 0,
            TtftP90 = ttft?.Quantile(0.9) ?? 0,
            TpotP50 = tpot?.Quantile(0.5) ?? Ratio(outputSeconds, output),
            TpotP90 = tpot?.Quantile(0.9) ?? 0,
            TtftAttainment = ttftKept,
            Attainment = ttft is null || tpot is null ? 1 : Math.Min(ttftKept, tpotKept) * (1 - Ratio(failed, all)),
            PrefixHitRate = Ratio(cached, looked),
            DraftAcceptance = engine.AcceptanceRate is { } rate ? increase.MeanGauge(rate) : Ratio(accepted, drafted),
        };
        if (!CollectionsMarshal.AsSpan(untold).SequenceEqual(untoldBefore))
            untoldBefore = [.. untold];
        return new TelemetryReading(window, TimeSpan.Zero) { Untold = untoldBefore };
    }

    /// <summary>A histogram the engine tells, once it has had something to observe; null where it never does.</summary>
    private HistogramIncrease? Told(PrometheusIncrease increase, MetricName? name, double ended, Uri page, params ReadOnlySpan<string> fields)
    {
        if (name is null)
        {
            untold.AddRange(fields);
            return null;
        }

        // A labelled histogram comes into being with its first observation.
        if (ended > 0 && !increase.Has(name))
            throw new FormatException($"{page} tells of {ended:0} ended requests but of no {name.Name}{(engine.Remedy.Length > 0 ? $": {engine.Remedy}" : "")}");
        return increase.Histogram(name);
    }

    /// <summary>Mean and 90th percentile of a length; the mean of counters where there is no histogram. The last fields are the percentile's, if any.</summary>
    private (double Mean, double P90) Lengths(PrometheusIncrease increase, MetricName? histogram, double tokens, double ended, params ReadOnlySpan<string> fields)
    {
        if (engine.Ended is null)
        {
            untold.AddRange(fields);
            return (0, 0);
        }

        if (histogram is not null && increase.Has(histogram))
        {
            HistogramIncrease lengths = increase.Histogram(histogram);
            return (lengths.Mean, lengths.Quantile(0.9));
        }

        untold.AddRange(fields[2..]);
        return (Ratio(tokens, ended), 0);
    }

    private double MeanBatch(PrometheusIncrease increase, double output, double accepted)
    {
        if (engine.Steps is { } steps && increase.Has(steps))
            return Ratio(output, increase.Histogram(steps).Count * (1 + Ratio(accepted, Counter(increase, engine.Drafts))));
        if (engine.MeanBatch is { } mean && engine.MeanBatchOver is { } over)
            return increase.MeanSince(mean, over);
        untold.Add("mean_batch_log");
        return 0;
    }

    private static double Counter(PrometheusIncrease increase, MetricName? name) => name is null ? 0 : increase.Counter(name);

    private static MetricName? First(PrometheusIncrease increase, MetricName[] names)
    {
        foreach (MetricName name in names)
        {
            if (increase.Has(name))
                return name;
        }

        return names.Length > 0 ? names[0] : null;
    }

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;

    private static int Whole(double count) => (int)Math.Clamp(Math.Round(count), 0, int.MaxValue);
}
