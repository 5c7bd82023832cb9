using System.Globalization;
using System.Net;
using System.Text;

namespace Tuner.Policy.Tests.Telemetry;

/// <summary>
/// Serves a metrics page over HTTP as vLLM's V1 engine does: same names, labels and buckets (vllm/v1/metrics/loggers.py), in the
/// form prometheus_client writes. What it counts is what a test says was served.
/// </summary>
internal sealed class VllmServer : IDisposable
{
    private static readonly double[] TtftBuckets = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];
    private static readonly double[] TpotBuckets = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
    private static readonly double[] TokenBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];

    /// <summary>Histograms of the page that Tuner has no use for.</summary>
    private static readonly string[] Unread =
    [
        "vllm:e2e_request_latency_seconds", "vllm:request_queue_time_seconds", "vllm:request_inference_time_seconds", "vllm:request_prefill_time_seconds",
        "vllm:request_decode_time_seconds", "vllm:request_params_n", "vllm:request_params_max_tokens", "vllm:request_max_num_generation_tokens",
        "http_request_duration_highr_seconds",
    ];

    private readonly HttpAnswers answers;
    private readonly Lock gate = new();
    private readonly List<double> ttft = [];
    private readonly List<double> tpot = [];
    private readonly List<double> prompts = [];
    private readonly List<double> outputs = [];
    private int aborted;
    private int steps;
    private double created = 1.7898432023697093e+09;

    public VllmServer()
    {
        answers = new HttpAnswers(AnswerAsync);
    }

    public Uri Address => new(answers.Address, "metrics");

    public int Running { get; set; }

    public int Waiting { get; set; }

    public void Finish(double promptTokens, double outputTokens, double firstToken, double perToken)
    {
        lock (gate)
        {
            prompts.Add(promptTokens);
            outputs.Add(outputTokens);
            ttft.Add(firstToken);
            tpot.Add(perToken);
            steps += 10;
        }
    }

    public void Abort() => aborted++;

    /// <summary>Starts the engine anew: every counter at 0.</summary>
    public void Restart()
    {
        lock (gate)
        {
            foreach (List<double> values in new[] { ttft, tpot, prompts, outputs })
                values.Clear();
            (aborted, steps, Running, Waiting) = (0, 0, 0, 0);
            created += 3600;
        }
    }

    public void Dispose() => answers.Dispose();

    private string Page()
    {
        var page = new StringBuilder();
        const string Labels = "engine=\"0\",model_name=\"org/a \\\"quoted\\\" model, v1.0\"";
        void Put(string name, string type, double value, string more = "") => page.Append(CultureInfo.InvariantCulture, $"# HELP {name} Help with a {{brace}}.\n# TYPE {name} {type}\n{name}{{{Labels}{more}}} {Number(value)}\n");
        void Count(string name, double value, string more = "")
        {
            Put(name + "_total", "counter", value, more);
            Put(name + "_created", "gauge", created, more);
        }

        void Histogram(string name, double[] bounds, List<double> values)
        {
            page.Append(CultureInfo.InvariantCulture, $"# TYPE {name} histogram\n");
            foreach (double bound in bounds)
                page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{engine=\"0\",le=\"{Number(bound)}\",model_name=\"m\"}} {Number(values.Count(value => value <= bound))}\n");
            page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{engine=\"0\",le=\"+Inf\",model_name=\"m\"}} {Number(values.Count)}\n{name}_count{{engine=\"0\",model_name=\"m\"}} {Number(values.Count)}\n{name}_sum{{engine=\"0\",model_name=\"m\"}} {Number(values.Sum())}\n");
        }

        lock (gate)
        {
            page.Append("python_info{implementation=\"CPython\"} 1.0\n");
            Put("vllm:num_requests_running", "gauge", Running);
            Put("vllm:num_requests_waiting", "gauge", Waiting);
            Put("vllm:kv_cache_usage_perc", "gauge", 0.25);
            Count("vllm:prefix_cache_queries", prompts.Sum());
            Count("vllm:prefix_cache_hits", prompts.Sum() / 4);
            Count("vllm:prompt_tokens", prompts.Sum());
            Count("vllm:generation_tokens", outputs.Sum());
            Count("vllm:num_preemptions", 0);
            Count("vllm:spec_decode_num_drafts", prompts.Count * 2);
            Count("vllm:spec_decode_num_draft_tokens", prompts.Count * 6);
            Count("vllm:spec_decode_num_accepted_tokens", prompts.Count * 4);
            Count("vllm:request_success", prompts.Count, ",finished_reason=\"stop\"");
            Count("vllm:request_success", aborted, ",finished_reason=\"abort\"");
            Histogram("vllm:time_to_first_token_seconds", TtftBuckets, ttft);
            Histogram("vllm:request_time_per_output_token_seconds", TpotBuckets, tpot);
            Histogram("vllm:request_prompt_tokens", TokenBuckets, prompts);
            Histogram("vllm:request_generation_tokens", TokenBuckets, outputs);
            Histogram("vllm:iteration_tokens_total", [1, 8, 16], [.. Enumerable.Repeat(20.0, steps)]);
            foreach (string unread in Unread)
                Histogram(unread, TtftBuckets, ttft);
        }

        return page.ToString();
    }

    private static string Number(double value) => value == Math.Floor(value) && value < 1e16 ? value.ToString("0.0", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture);

    private async Task AnswerAsync(HttpListenerContext context)
    {
        byte[] page = Encoding.UTF8.GetBytes(Page());
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.OutputStream.WriteAsync(page);
        context.Response.Close();
    }
}
