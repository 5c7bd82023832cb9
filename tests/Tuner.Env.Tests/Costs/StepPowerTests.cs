using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Tests.Costs;

public sealed class StepPowerTests
{
    private static readonly HardwareProfile H200 = ProfileCatalog.Hardware("h200");
    private static readonly ModelSpec Model = ProfileCatalog.Model("llama-3.1-70b");

    [Test]
    public void Power_DecodingAlone_ReadsTheWeightsAndTheCacheOnce()
    {
        IEngineCost engine = Engine(2, 1);
        var step = new BatchShape(0, 0, 0, 0, 0, 16, 16 * 2000);

        StepPower power = engine.Power(step);

        // 8-bit weights of the layers, the 16-bit output head and cache, halved by tp 2; activations add about a hundredth.
        double layers = Model.Layers * (double)(Model.AttentionWeightsPerLayer + Model.FeedForwardWeightsPerLayer);
        double bytes = (layers + (2.0 * Model.HiddenSize * Model.VocabularySize) + (2.0 * Model.KvElementsPerToken * 16 * 2000)) / 2;
        double moved = power.MemoryShare * H200.MemoryBytesPerSecond * engine.Step(step).StageSeconds;
        Assert.That(moved, Is.EqualTo(bytes).Within(3).Percent);
        Assert.That(power.Watts, Is.InRange(H200.Power.IdleWatts, H200.Power.LimitWatts));
    }

    [Test]
    public void Step_Joules_ArePowerTimesTimeOfAllGpus()
    {
        IEngineCost engine = Engine(4, 2);
        var step = new BatchShape(2000, 2, 1_000_000, 0, 2, 40, 40 * 700);

        StepCost cost = engine.Step(step);

        Assert.That(cost.Joules, Is.EqualTo(engine.Power(step).Watts * cost.StageSeconds * 8).Within(1e-9));
    }

    [Test]
    public void Power_OfALongPrompt_ReachesTheLimitAndOfOneSequence_StaysBelow()
    {
        IEngineCost engine = Engine(1, 1);

        Assert.That(engine.Power(new BatchShape(8192, 1, 0.5 * 8192 * 8192, 0, 1, 0, 0)).Watts, Is.EqualTo(H200.Power.LimitWatts).Within(5).Percent);
        Assert.That(engine.Power(new BatchShape(0, 0, 0, 0, 0, 1, 500)).Watts, Is.LessThan(0.95 * H200.Power.LimitWatts));
    }

    [Test]
    public void Step_OverTwoStages_PassesActivationsAsTimed()
    {
        CollectiveTerm send = H200.Engine(null).CollectiveFor(CollectiveOperation.PointToPoint, 2)!;

        StepCost cost = Engine(1, 2).Step(new BatchShape(4096, 1, 0.5 * 4096 * 4096, 0, 1, 0, 0));

        Assert.That(cost.HopSeconds, Is.EqualTo(send.At(2.0 * 4096 * Model.HiddenSize)).Within(1).Percent);
    }

    [Test]
    public void Seconds_OfHostCopies_AreLatencyAndBytes()
        => Assert.That(new HostLinkTerm(50e9, 2e-6, Provenance.Analytic, "").Seconds(10, 1e6), Is.EqualTo(10 * (2e-6 + 2e-5)).Within(1e-12));

    private static IEngineCost Engine(int tensor, int pipeline) =>
        new MeasuredCostModel(H200).For(new EngineSpec(Model, tensor, pipeline, PrecisionMode.Fp8, false, null, 0));
}
