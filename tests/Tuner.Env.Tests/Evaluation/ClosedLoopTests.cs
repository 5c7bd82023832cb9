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
}
