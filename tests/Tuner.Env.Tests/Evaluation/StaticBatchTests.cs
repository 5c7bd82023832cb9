using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Tests.Evaluation;

public sealed class StaticBatchTests
{
    private static readonly Scenario Small = ScenarioFile.Load("llama8b-1xh100");

    [Test]
    public void Seconds_OneRequest_IsItsPrefillAndItsDecodeSteps()
    {
        IEngineCost engine = Engine(1);
        double expected = engine.Step(new BatchShape(400, 1, 80_000, 0, 1, 0, 0)).StageSeconds;
        for (int token = 1; token < 100; token++)
            expected += engine.Step(new BatchShape(0, 0, 0, 0, 0, 1, 400 + token)).StageSeconds;

        Assert.That(StaticBatch.Seconds(engine, 1, 400, 100, 500, 8192), Is.EqualTo(expected).Within(0.1).Percent);
    }

    [Test]
    public void Seconds_RoomForHalf_TakesTwoWaves()
    {
        IEngineCost engine = Engine(1);

        Assert.That(StaticBatch.Seconds(engine, 8, 100, 100, 4 * 200, 8192), Is.EqualTo(2 * StaticBatch.Seconds(engine, 4, 100, 100, 4 * 200, 8192)).Within(1e-9));
    }

    [Test]
    public void Seconds_NoRoomForOne_IsInfinite() =>
        Assert.That(StaticBatch.Seconds(Engine(1), 1, 100, 100, 199, 8192), Is.EqualTo(double.PositiveInfinity));

    [Test]
    public void Seconds_PipelineOfOneBatch_GainsNothing() =>
        Assert.That(StaticBatch.Seconds(Engine(2), 1, 200, 200, 4000, 8192), Is.GreaterThan(StaticBatch.Seconds(Engine(1), 1, 200, 200, 4000, 8192)));

    private static IEngineCost Engine(int stages) =>
        new MeasuredCostModel(Small.Hardware).For(new EngineSpec(Small.Model, 1, stages, PrecisionMode.Fp8, false, null, 0));
}
