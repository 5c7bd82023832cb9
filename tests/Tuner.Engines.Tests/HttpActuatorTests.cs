using Tuner.Engines.Http;
using Tuner.Policy.Knobs;

namespace Tuner.Engines.Tests;

public sealed class HttpActuatorTests
{
    private readonly HttpClient client = new();

    [OneTimeTearDown]
    public void Close() => client.Dispose();

    [Test]
    public async Task Apply_EverySetting_IsReadBackTheSame()
    {
        using var server = new AdminServer(EngineSettings.Of(Example.Contract, Example.First));
        HttpActuator actuator = Actuator(server);
        Assert.That(await actuator.ReadBackAsync(default), Is.EqualTo(Example.First));

        foreach (Knob knob in Enum.GetValues<Knob>())
        {
            KnobSettings wanted = Example.First.With(knob, 1);
            await actuator.ApplyAsync(wanted, default);
            Assert.That(await actuator.ReadBackAsync(default), Is.EqualTo(wanted));
        }

        Assert.That((server.Now.MaxSequences, server.Now.MaxBatchedTokens, server.Now.KvPrefetch), Is.EqualTo((64, 2048, true)), "in the engine's own terms");
    }

    [Test]
    public async Task Apply_EngineNeedsTime_ReturnsWhenItIsDone()
    {
        using var server = new AdminServer(EngineSettings.Of(Example.Contract, Example.First)) { Slow = 3 };

        await Actuator(server).ApplyAsync(Example.First with { Speculation = true }, default);

        Assert.That(server.Slow, Is.LessThan(0));
    }

    [Test]
    public async Task Apply_EngineNeverDone_EndsWithTheDeadline()
    {
        using var server = new AdminServer(EngineSettings.Of(Example.Contract, Example.First)) { Slow = int.MaxValue };
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        await Assert.ThatAsync(async () => await Actuator(server).ApplyAsync(Example.First, late.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Apply_EngineRefuses_RepeatsItsSentence()
    {
        using var server = new AdminServer(EngineSettings.Of(Example.Contract, Example.First)) { Refusal = "no room for 256 sequences" };

        HttpRequestException problem = (await Assert.ThrowsAsync<HttpRequestException>(async () => await Actuator(server).ApplyAsync(Example.First, default)))!;

        Assert.That(problem.Message, Does.Contain("400 no room for 256 sequences"));
    }

    [Test]
    public async Task ReadBack_EngineLies_IsSeen()
    {
        using var server = new AdminServer(EngineSettings.Of(Example.Contract, Example.First)) { Twist = asked => asked with { Speculation = false } };
        HttpActuator actuator = Actuator(server);

        await actuator.ApplyAsync(Example.First with { Speculation = true, MaxBatchLevel = 1 }, default);

        Assert.That(await actuator.ReadBackAsync(default), Is.EqualTo(Example.First with { MaxBatchLevel = 1 }));
    }

    [Test]
    public async Task ReadBack_RungOfNoLadder_SaysWhichAreKnown()
    {
        using var server = new AdminServer(EngineSettings.Of(Example.Contract, Example.First) with { MaxSequences = 100 });

        FormatException problem = (await Assert.ThrowsAsync<FormatException>(async () => await Actuator(server).ReadBackAsync(default)))!;

        Assert.That(problem.Message, Is.EqualTo("the engine runs 100 sequences and 2048 tokens a step; the policy knows 64/2048, 128/4096, 256/8192"));
    }

    private HttpActuator Actuator(AdminServer server) => new(client, server.Address, Example.Contract, KnobCapabilities.AllLive, TimeProvider.System);
}
