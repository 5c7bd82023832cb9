using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Tests.Evaluation;

public sealed class SpreadLoopTests
{
    private static readonly Scenario Small = ScenarioFile.Load("llama8b-1xh100");
    private static readonly IEngineCost Engine = new MeasuredCostModel(Small.Hardware).For(new EngineSpec(Small.Model, 1, 1, PrecisionMode.Fp8, false, null, 0));

    [Test]
    public void OutputTokensPerSecond_OneRequest_IsCloseToThatPlayedOut()
    {
        double played = ClosedLoop.Run(Engine, 1, 500, 200, new ClosedLoopOptions(TurnaroundSeconds: 0)).OutputTokensPerSecond;

        Assert.That(SpreadLoop.OutputTokensPerSecond(Engine, 1, 500, 200, 1), Is.EqualTo(played).Within(3).Percent);
    }

    [Test]
    public void OutputTokensPerSecond_AsManyTokensAStep_ServesAsManyTimesMore()
    {
        // With prompts of one token and a step as dear, twice the tokens a step are nearly twice the throughput.
        double plain = SpreadLoop.OutputTokensPerSecond(Engine, 8, 1, 4000, 1);

        Assert.That(SpreadLoop.OutputTokensPerSecond(Engine, 8, 1, 4000, 2), Is.EqualTo(2 * plain).Within(1).Percent);
    }
}
