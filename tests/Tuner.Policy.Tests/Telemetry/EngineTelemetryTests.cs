using Tuner.Policy.Observations;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;
using Tuner.Policy.Tests.Hosting;

namespace Tuner.Policy.Tests.Telemetry;

/// <summary>
/// Pages in the formats of four engines, fetched over HTTP. Each pair tells of one story: in ten seconds 100 requests of 1000 prompt and 200
/// output tokens end well, a quarter of the prompts cached; first tokens come evenly over 0 to 1 s and tokens over 10 to 50 ms; five
/// fail; 5 in flight become 8.
/// </summary>
public sealed class EngineTelemetryTests
{
    private static readonly ServiceObjective Promises = new(0.5, 0, 0.03);
    private readonly JumpingClock time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly HttpClient client = new();

    public static IEnumerable<TestCaseData> Engines() =>
    [
        new TestCaseData("sglang", EngineMetrics.Sglang).SetArgDisplayNames("sglang"),
        new TestCaseData("trtllm", EngineMetrics.TensorRtLlm).SetArgDisplayNames("trtllm"),
        new TestCaseData("triton", EngineMetrics.Triton()).SetArgDisplayNames("triton"),
        new TestCaseData("llamacpp", EngineMetrics.LlamaCpp).SetArgDisplayNames("llamacpp"),
    ];

    [OneTimeTearDown]
    public void Close() => client.Dispose();

    [TestCaseSource(nameof(Engines))]
    public async Task Read_AWindow_IsSoundAndNamesRealFields(string name, EngineMetrics engine)
    {
        TelemetryReading reading = await ReadAsync(name, engine);

        Assert.That(WindowCheck.Problem(reading.Window), Is.Null);
        Assert.That(reading.Untold, Is.SubsetOf(ObservationSchema.FieldNames).And.Unique);
        Assert.That((reading.Window.Seconds, reading.Window.Running, reading.Window.Waiting), Is.EqualTo((10.0, 6, 2)));
        Assert.That(reading.Window.PromptTokensPerSecond, Is.EqualTo(name == "triton" ? 10000 : 7500).Within(1e-6));
    }

    [Test]
    public async Task Read_Sglang_IsWhatWasServed()
    {
        TelemetryReading reading = await ReadAsync("sglang", EngineMetrics.Sglang);

        WindowMetrics window = reading.Window;
        RequireTraffic(window, tpotP90: 0.052); // linear within the bucket of 40 to 60 ms
        Assert.That(window.PromptTokensP90, Is.EqualTo(970).Within(1e-6), "within the bucket of 700 to 1000");
        Assert.That(window.OutputTokensPerSecond, Is.EqualTo(2100).Within(1e-6), "as tokens came, not as requests ended");
        Assert.That((window.KvUse, window.DraftAcceptance, window.PrefixHitRate, window.Preemptions), Is.EqualTo((0.25, 0.6, 0.25, 3)));
        Assert.That(reading.Untold, Does.Contain("mean_batch_log").And.Not.Contains("attainment"));
    }

    [Test]
    public async Task Read_SglangWithoutLengthHistograms_TellsMeansFromItsCounters()
    {
        static string Without(string page) => string.Join('\n', page.Split('\n').Where(line => !line.Contains("tokens_histogram", StringComparison.Ordinal)));

        TelemetryReading reading = await ReadAsync(EngineMetrics.Sglang, Without(PageServer.Stored("sglang-before")), Without(PageServer.Stored("sglang-after")));

        Assert.That((reading.Window.MeanPromptTokens, reading.Window.MeanOutputTokens), Is.EqualTo((1000.0, 200.0)));
        Assert.That(reading.Untold, Does.Contain("prompt_p90_log").And.Contains("prompt_p90_recent_log").And.Not.Contains("prompt_tokens_log"));
    }

    [Test]
    public async Task Read_TensorRtLlm_IsWhatWasServed()
    {
        TelemetryReading reading = await ReadAsync("trtllm", EngineMetrics.TensorRtLlm);

        WindowMetrics window = reading.Window;
        RequireTraffic(window, tpotP90: 0.046);
        Assert.That(window.OutputTokensPerSecond, Is.EqualTo(2060).Within(1e-6), "those of three cancelled requests among them");
        Assert.That((window.KvUse, window.PrefixHitRate), Is.EqualTo((0.25, 28.0 / 103)));
        Assert.That(window.DraftAcceptance, Is.EqualTo(4.0 / 6).Within(1e-9));
        Assert.That(reading.Untold, Does.Contain("prompt_p90_log").And.Contains("preemptions_log").And.Not.Contains("attainment"));
    }

    [Test]
    public async Task Read_Triton_TellsOfTheEngineAloneAndNotOfAttainment()
    {
        TelemetryReading reading = await ReadAsync("triton", EngineMetrics.Triton());

        WindowMetrics window = reading.Window;
        Assert.That((window.Completed, window.Failed, window.Arrived), Is.EqualTo((100, 5, 108)));
        Assert.That((window.MeanPromptTokens, window.MeanOutputTokens), Is.EqualTo((1000.0, 200.0)));
        Assert.That(window.TtftP50, Is.EqualTo(0.5).Within(0.01), "milliseconds on the page");
        Assert.That(window.TtftAttainment, Is.EqualTo(0.5).Within(0.01));
        Assert.That(window.KvUse, Is.EqualTo(0.25));
        Assert.That(reading.Untold, Does.Contain("attainment").And.Contains("tpot_p50_share").And.Contains("tpot_p90_share").And.Contains("prefix_hit_rate").And.Not.Contains("ttft_p90_log"));
    }

    [Test]
    public async Task Read_LlamaCpp_TellsWhatItCountsAndSaysWhatItDoesNot()
    {
        TelemetryReading reading = await ReadAsync("llamacpp", EngineMetrics.LlamaCpp);

        WindowMetrics window = reading.Window;
        Assert.That(window.OutputTokensPerSecond, Is.EqualTo(2000).Within(1e-6));
        Assert.That(window.TpotP50, Is.EqualTo(600.0 / 20000).Within(1e-9), "seconds over tokens: a mean");
        Assert.That(window.MeanBatch, Is.EqualTo(((3.0 * 2000) - (2.0 * 1000)) / 1000).Within(1e-9), "a mean since the start, taken apart");
        Assert.That(window.PrefixHitRate, Is.EqualTo(0.25).Within(1e-9));
        Assert.That(window.DraftAcceptance, Is.EqualTo(200.0 / 300).Within(1e-9));
        Assert.That((window.Arrived, window.Completed), Is.EqualTo((0, 0)));
        Assert.That(reading.Untold, Is.SupersetOf(new[] { "arrival_rate_log", "prompt_tokens_log", "prompt_p90_recent_log", "output_tokens_log", "ttft_p50_log", "ttft_p90_log", "ttft_attainment", "tpot_p90_share", "attainment", "kv_use" }));
        Assert.That(reading.Untold, Does.Not.Contain("tpot_p50_share").And.Not.Contains("mean_batch_log").And.Not.Contains("output_token_rate_log"));
    }

    [TestCaseSource(nameof(Engines))]
    public async Task Read_EngineStartedAnew_TellsOfNoWindowOnce(string name, EngineMetrics engine)
    {
        using var server = new PageServer(PageServer.Stored(name + "-after"));
        var telemetry = new EngineTelemetry(client, engine, [server.Address], Promises, time);
        await telemetry.ReadAsync(default);

        server.Page = PageServer.Stored(name + "-before");
        Assert.That(await telemetry.ReadAsync(default), Is.Null);

        server.Page = PageServer.Stored(name + "-after");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await telemetry.ReadAsync(default), Is.Not.Null);
    }

    [Test]
    public async Task Read_LlamaCppStartedAnewWithLargerCounters_TellsOfNoWindow()
    {
        using var server = new PageServer(PageServer.Stored("llamacpp-before")) { Started = "1784000000" };
        var telemetry = new EngineTelemetry(client, EngineMetrics.LlamaCpp, [server.Address], Promises, time);
        await telemetry.ReadAsync(default);

        (server.Page, server.Started) = (PageServer.Stored("llamacpp-after"), "1784000555");

        Assert.That(await telemetry.ReadAsync(default), Is.Null);
    }

    [TestCaseSource(nameof(Engines))]
    public async Task Read_AnotherEnginesPage_SaysWhatWasExpectedInOneSentence(string name, EngineMetrics engine)
    {
        using var server = new PageServer(PageServer.Stored(name == "sglang" ? "trtllm-after" : "sglang-after"));
        var telemetry = new EngineTelemetry(client, engine, [server.Address], Promises, time);

        FormatException problem = (await Assert.ThrowsAsync<FormatException>(async () => await telemetry.ReadAsync(default)))!;

        Assert.That(problem.Message, Does.Contain(server.Address.ToString()).And.Contains("expected the metrics page of").And.Contains(engine.Running.Name));
    }

    [Test]
    public async Task Read_RequestsEndedButNoFirstTokens_SaysWhatToTurnOn()
    {
        static string Without(string page) => string.Join('\n', page.Split('\n').Where(line => !line.Contains("first_response", StringComparison.Ordinal)));

        FormatException problem = (await Assert.ThrowsAsync<FormatException>(
            () => ReadAsync(EngineMetrics.Triton(), Without(PageServer.Stored("triton-before")), Without(PageServer.Stored("triton-after")))))!;

        Assert.That(problem.Message, Does.Contain("100 ended requests").And.Contains("--metrics-config histogram_latencies=true"));
    }

    [Test]
    public async Task Loop_AttainmentUntold_OnlyAdvisesInActiveMode()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Tell = _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good, default) { Untold = ["attainment"] });

        await rig.UntilAsync("advised");

        Assert.That(rig.Engine.Applied, Is.Zero);
        Assert.That(rig.Status.Reason, Does.Contain("does not tell attainment"));
        rig.Engine.Tell = null;
        await rig.UntilAsync("changed");
    }

    private static void RequireTraffic(in WindowMetrics window, double tpotP90)
    {
        Assert.That((window.Completed, window.Failed, window.Arrived), Is.EqualTo((100, 5, 108)));
        Assert.That((window.MeanPromptTokens, window.MeanOutputTokens), Is.EqualTo((1000.0, 200.0)));
        Assert.That(window.TtftP50, Is.EqualTo(0.5).Within(0.01));
        Assert.That(window.TtftP90, Is.EqualTo(0.9).Within(0.01));
        Assert.That(window.TpotP50, Is.EqualTo(0.03).Within(0.001));
        Assert.That(window.TpotP90, Is.EqualTo(tpotP90).Within(0.001));
        Assert.That(window.TtftAttainment, Is.EqualTo(0.5).Within(0.01));
        Assert.That(window.Attainment, Is.EqualTo(0.5 * (1 - (5.0 / 105))).Within(0.02));
    }

    private Task<TelemetryReading> ReadAsync(string name, EngineMetrics engine)
        => ReadAsync(engine, PageServer.Stored(name + "-before"), PageServer.Stored(name + "-after"));

    private async Task<TelemetryReading> ReadAsync(EngineMetrics engine, string first, string second)
    {
        using var server = new PageServer(first);
        var telemetry = new EngineTelemetry(client, engine, [server.Address], Promises, time);
        Assert.That(await telemetry.ReadAsync(default), Is.Null, "nothing to compare with yet");
        server.Page = second;
        time.Advance(TimeSpan.FromSeconds(10));
        return (await telemetry.ReadAsync(default))!;
    }
}
