using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;
using Tuner.Policy.Tests.Hosting;

namespace Tuner.Policy.Tests.Telemetry;

/// <summary>Against a page fetched over HTTP.</summary>
public sealed class VllmTelemetryTests
{
    private static readonly ServiceObjective Promises = new(0.5, 0, 0.03);
    private readonly JumpingClock time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly HttpClient client = new();

    [OneTimeTearDown]
    public void Close() => client.Dispose();

    [Test]
    public async Task Read_AWindow_IsWhatWasServed()
    {
        using var server = new VllmServer { Running = 4, Waiting = 1 };
        EngineTelemetry telemetry = Reader(server);
        for (int i = 0; i < 500; i++)
            server.Finish(9000, 10, 30, 2);
        Assert.That(await telemetry.ReadAsync(default), Is.Null, "nothing to compare with yet");

        // 100 requests with first tokens evenly over 0 to 1 s and 10 to 50 ms a token; 5 given up, 3 more in flight at the end.
        for (int i = 0; i < 100; i++)
            server.Finish(1000, 200, (i + 0.5) / 100, 0.01 + (0.04 * (i + 0.5) / 100));
        for (int i = 0; i < 5; i++)
            server.Abort();
        (server.Running, server.Waiting) = (6, 2);
        time.Advance(TimeSpan.FromSeconds(10));
        TelemetryReading reading = (await telemetry.ReadAsync(default))!;

        WindowMetrics window = reading.Window;
        Assert.That(WindowCheck.Problem(window), Is.Null);
        Assert.That(window.Seconds, Is.EqualTo(10));
        Assert.That((window.Completed, window.Failed, window.Arrived, window.Running, window.Waiting), Is.EqualTo((100, 5, 108, 6, 2)));
        Assert.That(window.MeanPromptTokens, Is.EqualTo(1000));
        Assert.That(window.MeanOutputTokens, Is.EqualTo(200));
        Assert.That(window.PromptTokensPerSecond, Is.EqualTo(7500).Within(1e-6), "a quarter came from the prefix cache");
        Assert.That(window.OutputTokensPerSecond, Is.EqualTo(2000).Within(1e-6));
        Assert.That(window.PrefixHitRate, Is.EqualTo(0.25).Within(1e-9));
        Assert.That(window.DraftAcceptance, Is.EqualTo(4.0 / 6).Within(1e-9));
        Assert.That(window.MeanBatch, Is.EqualTo(20000.0 / 1000 / 3).Within(1e-9), "20 tokens a step, 3 a sequence");
        Assert.That(window.KvUse, Is.EqualTo(0.25));
        Assert.That(window.TtftP50, Is.EqualTo(0.5).Within(0.01));
        Assert.That(window.TtftP90, Is.EqualTo(0.9).Within(0.01));
        Assert.That(window.TpotP50, Is.EqualTo(0.03).Within(0.001));
        Assert.That(window.TpotP90, Is.EqualTo(0.046).Within(0.001));
        Assert.That(window.TtftAttainment, Is.EqualTo(0.5).Within(0.01));
        Assert.That(window.Attainment, Is.EqualTo(0.5 * (1 - (5.0 / 105))).Within(0.01));
        Assert.That(reading.Untold, Is.SubsetOf(ObservationSchema.FieldNames));
    }

    [Test]
    public async Task Read_NothingServed_IsAnEmptyWindow()
    {
        using var server = new VllmServer();
        EngineTelemetry telemetry = Reader(server);
        await telemetry.ReadAsync(default);
        time.Advance(TimeSpan.FromSeconds(10));

        WindowMetrics window = (await telemetry.ReadAsync(default))!.Window;

        Assert.That(WindowCheck.Problem(window), Is.Null);
        Assert.That(window, Is.EqualTo(new WindowMetrics { Seconds = 10, KvUse = 0.25, Attainment = 1, TtftAttainment = 1 }));
    }

    [TestCase(2), TestCase(50)]
    public async Task Read_EngineStartedAnew_TellsOfNoWindowOnce(int servedSince)
    {
        using var server = new VllmServer();
        EngineTelemetry telemetry = Reader(server);
        for (int i = 0; i < 10; i++)
            server.Finish(1000, 200, 0.1, 0.02);
        await telemetry.ReadAsync(default);

        // Even where the counters have meanwhile overtaken what they were.
        server.Restart();
        for (int i = 0; i < servedSince; i++)
            server.Finish(1000, 200, 0.1, 0.02);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await telemetry.ReadAsync(default), Is.Null);

        server.Finish(1000, 200, 0.1, 0.02);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((await telemetry.ReadAsync(default))!.Window.Completed, Is.EqualTo(1));
    }

    [Test]
    public async Task Read_SeveralServers_CountAsOneEngine()
    {
        using var first = new VllmServer();
        using var second = new VllmServer();
        EngineTelemetry telemetry = Reader(first, second);
        await telemetry.ReadAsync(default);
        first.Finish(1000, 100, 0.1, 0.01);
        second.Finish(3000, 100, 0.1, 0.01);
        time.Advance(TimeSpan.FromSeconds(10));

        WindowMetrics window = (await telemetry.ReadAsync(default))!.Window;

        Assert.That((window.Completed, window.MeanPromptTokens), Is.EqualTo((2, 2000.0)));
    }

    [Test]
    public async Task Loop_OverHttp_ShadowsThenSurvivesTheServersEnd()
    {
        using var rig = new Rig(_ => { });
        using var server = new VllmServer { Running = 5 };
        var telemetry = new EngineTelemetry(client, EngineMetrics.Vllm, [server.Address], Promises, rig.Time);
        rig.Engine.Tell = async stop => await telemetry.ReadAsync(stop);
        for (int i = 0; i < 20 && rig.Status.Verdict != "shadowed"; i++)
        {
            for (int request = 0; request < 50; request++)
                server.Finish(1000, 200, 0.2, 0.02);
            await rig.StepAsync();
        }

        Assert.That(rig.Status.Verdict, Is.EqualTo("shadowed"));
        Assert.That(rig.Status.Recommended, Is.EqualTo(FileEngine.Operators with { Speculation = true }));
        server.Dispose();
        await rig.StepAsync();
        Assert.That(rig.Status.Verdict, Is.EqualTo("refused"));
    }

    private EngineTelemetry Reader(params VllmServer[] servers) => new(client, EngineMetrics.Vllm, [.. servers.Select(server => server.Address)], Promises, time);
}
