using System.Globalization;
using System.Text;
using Tuner.Env.Measurement;
using Tuner.Policy.Telemetry;

namespace Tuner.Cli.Commands.RealTime;

/// <summary>Counts what a simulated cluster does under vLLM's names, labels and buckets (V1 engine, vllm/v1/metrics/loggers.py).</summary>
internal sealed class VllmPage(string model, DateTimeOffset created)
{
    private readonly string labels = $"engine=\"0\",model_name=\"{model}\"";
    private readonly PageHistogram ttft = new("vllm:time_to_first_token_seconds", 0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560);
    private readonly PageHistogram tpot = new("vllm:request_time_per_output_token_seconds", 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80);
    private readonly PageHistogram prompts = new("vllm:request_prompt_tokens", Tokens);
    private readonly PageHistogram outputs = new("vllm:request_generation_tokens", Tokens);
    private readonly PageHistogram steps = new("vllm:iteration_tokens_total", 1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384);
    private readonly Dictionary<string, double> counters = [];
    private WindowMetrics last;
    private long stopped;
    private long aborted;

    /// <summary>vLLM's 1, 2, 5 steps up to the longest context; here 131072 tokens.</summary>
    private static double[] Tokens => [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

    public void FirstToken(double seconds) => ttft.Observe(seconds);

    public void Stepped(int count, int tokens) => steps.Observe(tokens, count);

    public void Ended(in RequestOutcome outcome)
    {
        if (!outcome.Completed)
        {
            aborted++;
            return;
        }

        stopped++;
        prompts.Observe(outcome.PromptTokens);
        outputs.Observe(outcome.OutputTokens);
        if (outcome.OutputTokens > 1)
            tpot.Observe(outcome.TpotSeconds);
    }

    /// <summary>Adds a window; with speculation on, drafts are what its output and acceptance say: D drafts of k tokens put out D (1 + acceptance · k).</summary>
    public void Add(in WindowMetrics window, int draftTokens)
    {
        last = window;
        double computed = window.PromptTokensPerSecond * window.Seconds;
        double cached = window.PrefixHitRate < 1 ? computed * window.PrefixHitRate / (1 - window.PrefixHitRate) : 0;
        double output = window.OutputTokensPerSecond * window.Seconds;
        double drafts = draftTokens > 0 ? output / (1 + (window.DraftAcceptance * draftTokens)) : 0;
        Count("vllm:prompt_tokens", computed + cached);
        Count("vllm:generation_tokens", output);
        Count("vllm:prefix_cache_queries", computed + cached);
        Count("vllm:prefix_cache_hits", cached);
        Count("vllm:num_preemptions", window.Preemptions);
        Count("vllm:spec_decode_num_drafts", drafts);
        Count("vllm:spec_decode_num_draft_tokens", drafts * draftTokens);
        Count("vllm:spec_decode_num_accepted_tokens", drafts * draftTokens * window.DraftAcceptance);
    }

    public string Write()
    {
        var page = new StringBuilder();
        Gauge(page, "vllm:num_requests_running", last.Running);
        Gauge(page, "vllm:num_requests_waiting", last.Waiting);
        Gauge(page, "vllm:kv_cache_usage_perc", last.KvUse);
        foreach ((string name, double value) in counters)
            Counter(page, name, value, labels);
        Counter(page, "vllm:request_success", stopped, labels + ",finished_reason=\"stop\"");
        Counter(page, "vllm:request_success", aborted, labels + ",finished_reason=\"abort\"");
        foreach (PageHistogram histogram in (ReadOnlySpan<PageHistogram>)[ttft, tpot, prompts, outputs, steps])
            histogram.Write(page, labels);
        return page.ToString();
    }

    /// <summary>A number as Python's client writes it.</summary>
    internal static string Number(double value)
        => value == Math.Floor(value) && Math.Abs(value) < 1e16 ? value.ToString("0.0", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture);

    private void Count(string name, double more) => counters[name] = counters.GetValueOrDefault(name) + more;

    private void Gauge(StringBuilder page, string name, double value)
        => page.Append(CultureInfo.InvariantCulture, $"# TYPE {name} gauge\n{name}{{{labels}}} {Number(value)}\n");

    private void Counter(StringBuilder page, string name, double value, string with)
        => page.Append(CultureInfo.InvariantCulture, $"# TYPE {name}_total counter\n{name}_total{{{with}}} {Number(value)}\n# TYPE {name}_created gauge\n{name}_created{{{with}}} {Number(created.ToUnixTimeMilliseconds() / 1000.0)}\n");
}
