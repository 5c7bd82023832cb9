using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Tests.Costs;

public sealed class MeasuredEngineCostTests
{
    private static readonly Scenario Large = ScenarioFile.Load("llama70b-8xh200");
    private static readonly BatchShape Mixed = new(1000, 2, 400_000, 300, 1, 48, 60_000);

    [TestCase(1, 1, PrecisionMode.Fp8)]
    [TestCase(4, 1, PrecisionMode.Fp8Fp4)]
    [TestCase(2, 2, PrecisionMode.Fp8)]
    public void Explain_MixedBatch_SumsToTheStep(int tensor, int pipeline, PrecisionMode precision)
    {
        IEngineCost engine = Engine(tensor, pipeline, precision, kv8: true);

        IReadOnlyList<CostTerm> terms = engine.Explain(Mixed);

        Assert.Multiple(() =>
        {
            Assert.That(terms.Sum(term => term.Seconds), Is.EqualTo(engine.Step(Mixed).StageSeconds).Within(1e-12));
            Assert.That(terms.Min(term => term.Seconds), Is.Not.Negative);
            Assert.That(terms.Any(term => term.Name == "all-reduce"), Is.EqualTo(tensor > 1));
        });
    }

    [TestCase(1)]
    [TestCase(37)]
    [TestCase(200)]
    public void Step_DecodingUpToTheNextBend_IsAffineInCachedTokens(int sequences)
    {
        IEngineCost engine = Engine(1, 1, PrecisionMode.Fp8, kv8: false);
        for (double kv = sequences * 100; kv < sequences * 100_000.0;)
        {
            var batch = new BatchShape(0, 0, 0, 0, 0, sequences, kv);
            double bend = Math.Min(engine.NextBend(batch), kv * 4);
            double start = engine.Step(batch).StageSeconds;
            double end = engine.Step(batch with { DecodeKvTokens = bend }).StageSeconds;
            double middle = engine.Step(batch with { DecodeKvTokens = (kv + bend) / 2 }).StageSeconds;
            Assert.That(middle, Is.EqualTo((start + end) / 2).Within(1e-12));
            kv = bend + 1;
        }
    }

    [Test]
    public void Step_MoreWork_NeverTakesLess()
    {
        IEngineCost engine = Engine(1, 1, PrecisionMode.Fp8, kv8: false);
        double before = 0;
        for (int sequences = 8; sequences <= 1024; sequences *= 2)
        {
            double now = engine.Step(new BatchShape(0, 0, 0, 0, 0, sequences, sequences * 1000.0)).StageSeconds;
            Assert.That(now, Is.GreaterThan(before));
            before = now;
        }
    }

    [Test]
    public void Step_MixtureOfExperts_ReadsFewExpertsForFewTokensAndAllForMany()
    {
        var mixture = new ModelSpec("mixture", 32, 4096, 14336, 32, 8, 128, 32000, 8, 2, false);
        var twice = mixture with { Experts = 0, ActiveExperts = 0, IntermediateSize = 2 * 14336 };
        var all = mixture with { Experts = 0, ActiveExperts = 0, IntermediateSize = 8 * 14336 };

        double Decode(ModelSpec model, int sequences) =>
            new MeasuredCostModel(Large.Hardware).For(new EngineSpec(model, 1, 1, PrecisionMode.Fp8, false, null, 0)).Step(new BatchShape(0, 0, 0, 0, 0, sequences, sequences * 500.0)).StageSeconds;

        // Experts are priced by the roofline alone, the dense models by measured products: a fifth apart here.
        Assert.That(Decode(mixture, 1), Is.EqualTo(Decode(twice, 1)).Within(25).Percent, "one token reads two experts");
        Assert.That(Decode(mixture, 32), Is.EqualTo(Decode(all, 32)).Within(25).Percent, "32 tokens read all eight");
    }

    private static IEngineCost Engine(int tensor, int pipeline, PrecisionMode precision, bool kv8) =>
        new MeasuredCostModel(Large.Hardware).For(new EngineSpec(Large.Model, tensor, pipeline, precision, kv8, null, 0));
}
