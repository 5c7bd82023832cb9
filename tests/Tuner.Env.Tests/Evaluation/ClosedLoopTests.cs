using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Tests.Evaluation;

public sealed class ClosedLoopTests
{
    private static readonly Scenario Small = ScenarioFile.Load("llama8b-1xh100");
    private static readonly IEngineCost Engine = new MeasuredCostModel(Small.Hardware).For(new EngineSpec(Small.Model, 1, 1, PrecisionMode.Fp8, false, null, 0));

    [Test]
    public void Run_OneRequestInFlight_IsItsPrefillAndItsDecodeSteps()
    {
        ClosedLoopResult result = ClosedLoop.Run(Engine, 1, 1000, 3, new ClosedLoopOptions());

        double prefill = Engine.Step(new BatchShape(1000, 1, 500_000, 0, 1, 0, 0)).StageSeconds;
        double first = Engine.Step(new BatchShape(0, 0, 0, 0, 0, 1, 1001)).StageSeconds;
        double second = Engine.Step(new BatchShape(0, 0, 0, 0, 0, 1, 1002)).StageSeconds;
        Assert.Multiple(() =>
        {
            Assert.That(result.TtftSeconds, Is.EqualTo(prefill).Within(1e-9));
            Assert.That(result.TpotSeconds, Is.EqualTo((first + second) / 2).Within(1e-9));
        });
    }

    [TestCase(4)]
    [TestCase(64)]
    public void Run_ManyRounds_ObeysLittlesLaw(int inFlight)
    {
        ClosedLoopResult result = ClosedLoop.Run(Engine, inFlight, 800, 100, new ClosedLoopOptions(Rounds: 40, TurnaroundSeconds: 0));

        double residence = result.TtftSeconds + (99 * result.TpotSeconds);
        Assert.That(result.OutputTokensPerSecond / 100 * residence, Is.EqualTo(inFlight).Within(3).Percent);
    }

    [Test]
    public void Run_PromptLargerThanTheBudget_IsProcessedInChunks()
    {
        ClosedLoopResult whole = ClosedLoop.Run(Engine, 1, 8000, 2, new ClosedLoopOptions(TokenBudget: 8192));
        ClosedLoopResult chunks = ClosedLoop.Run(Engine, 1, 8000, 2, new ClosedLoopOptions(TokenBudget: 1024));

        Assert.That(chunks.TtftSeconds, Is.GreaterThan(whole.TtftSeconds).And.LessThan(1.5 * whole.TtftSeconds));
    }

    [Test]
    public void Run_FrontEndSlowerThanTheEngine_SetsThePace()
    {
        var slow = new FrontEnd(1e-3, 0, 0, "test");

        ClosedLoopResult result = ClosedLoop.Run(Engine, 64, 100, 200, new ClosedLoopOptions(Rounds: 20) { FrontEnd = slow });

        // 64 streams share one loop that handles a thousand chunks a second.
        Assert.That(result.OutputTokensPerSecond, Is.EqualTo(1000).Within(2).Percent);
    }

    [Test]
    public void Run_PromptsNotChunked_OnesThatDoNotFitWaitForTheNextStep()
    {
        var whole = EngineSchedule.Chunked with { ChunksPrompts = false };
        double prefill = Engine.Step(new BatchShape(1000, 1, 500_000, 0, 1, 0, 0)).StageSeconds;

        ClosedLoopResult result = ClosedLoop.Run(Engine, 2, 1000, 1, new ClosedLoopOptions(TokenBudget: 1500, Rounds: 1, TurnaroundSeconds: 0) { Schedule = whole });

        Assert.That(result.TtftSeconds, Is.EqualTo(1.5 * prefill).Within(1e-9)); // one after the other: the mean of one and two
    }

    [Test]
    public void Run_StepsOverlap_ARequestWaitsOneStepMore()
    {
        var options = new ClosedLoopOptions(Rounds: 30, TurnaroundSeconds: 0.5);

        ClosedLoopResult plain = ClosedLoop.Run(Engine, 8, 2000, 100, options);
        ClosedLoopResult overlapped = ClosedLoop.Run(Engine, 8, 2000, 100, options with { Schedule = EngineSchedule.Chunked with { OverlapsSteps = true } });

        Assert.That(overlapped.TtftSeconds - plain.TtftSeconds, Is.InRange(0.4 * plain.StepSeconds, 2 * plain.StepSeconds));
    }

    [Test]
    public void Run_CacheForHalfOfTheRequests_TheOthersQueue()
    {
        var reserving = EngineSchedule.Chunked with { ReservesOutput = true };
        var options = new ClosedLoopOptions(Rounds: 20, TurnaroundSeconds: 0) { Schedule = reserving };

        ClosedLoopResult room = ClosedLoop.Run(Engine, 16, 500, 200, options);
        ClosedLoopResult half = ClosedLoop.Run(Engine, 16, 500, 200, options with { KvTokens = 8 * 700 });

        double residence = half.TtftSeconds + (199 * half.TpotSeconds);
        Assert.Multiple(() =>
        {
            Assert.That(half.TpotSeconds, Is.LessThan(room.TpotSeconds));
            Assert.That(half.TtftSeconds, Is.EqualTo(residence / 2).Within(10).Percent); // half of a request's time goes by in the queue
        });
    }
}
