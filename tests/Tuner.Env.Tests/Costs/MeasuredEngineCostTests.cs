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

        // Measured experts read their weights at a lower rate than dense products do, most of all for one token.
        Assert.That(Decode(mixture, 1), Is.EqualTo(Decode(twice, 1)).Within(40).Percent, "one token reads two experts");
        Assert.That(Decode(mixture, 32), Is.EqualTo(Decode(all, 32)).Within(25).Percent, "32 tokens read all eight");
    }

    [TestCase("deepseek-r1", 8, 1)]
    [TestCase("minimax-m2.5", 1, 4)]
    [TestCase("gpt-oss-120b", 2, 1)]
    public void Explain_MixturesOfAllKinds_SumsToTheStepAndNamesTheirParts(string name, int tensor, int data)
    {
        IEngineCost engine = new MeasuredCostModel(Large.Hardware).For(
            new EngineSpec(ProfileCatalog.Model(name), tensor, 1, PrecisionMode.Fp8, false, null, 0) { DataParallel = data, ExpertParallel = tensor * data });

        IReadOnlyList<CostTerm> terms = engine.Explain(Mixed);

        Assert.Multiple(() =>
        {
            Assert.That(terms.Sum(term => term.Seconds), Is.EqualTo(engine.Step(Mixed).StageSeconds).Within(1e-12));
            Assert.That(terms.Min(term => term.Seconds), Is.Not.Negative);
            Assert.That(terms.Single(term => term.Name == "experts").Provenance, Is.EqualTo(Provenance.Published));
            Assert.That(terms.Any(term => term.Name == "expert dispatch"), Is.EqualTo(data > 1));
            Assert.That(terms.Single(term => term.Name == "decode attention").Provenance, Is.EqualTo(name == "deepseek-r1" ? Provenance.Analytic : Provenance.Published));
            Assert.That(terms.Any(term => term.Name == "decode attention (window)"), Is.EqualTo(name == "gpt-oss-120b"));
        });
    }

    [Test]
    public void Step_DataParallelAttention_IsAffineUpToTheNextBend()
    {
        IEngineCost engine = new MeasuredCostModel(Large.Hardware).For(
            new EngineSpec(ProfileCatalog.Model("minimax-m2.5"), 1, 1, PrecisionMode.Fp8, false, null, 0) { DataParallel = 4, ExpertParallel = 4 });
        var batch = new BatchShape(0, 0, 0, 0, 0, 37, 37 * 700.0);
        double bend = engine.NextBend(batch);

        double middle = engine.Step(batch with { DecodeKvTokens = (batch.DecodeKvTokens + bend) / 2 }).StageSeconds;

        Assert.That(middle, Is.EqualTo((engine.Step(batch).StageSeconds + engine.Step(batch with { DecodeKvTokens = bend }).StageSeconds) / 2).Within(1e-12));
    }

    [Test]
    public void Plan_DataParallelAttention_HoldsExpertsOnceAndTheRestInEveryGroup()
    {
        ModelSpec model = ProfileCatalog.Model("minimax-m2.5");
        var tensor = new EngineSpec(model, 4, 1, PrecisionMode.Fp8, false, null, 0);
        EngineSpec data = tensor with { TensorParallel = 1, DataParallel = 4, ExpertParallel = 4 };

        MemoryPlan split = MemoryPlanner.Plan(Large.Hardware, tensor, 8192, false);
        MemoryPlan groups = MemoryPlanner.Plan(Large.Hardware, data, 8192, false);

        double rest = (model.Layers * (double)model.AttentionWeightsPerLayer) + (2.0 * model.EmbeddingWeights);
        Assert.That(groups.WeightBytes - split.WeightBytes, Is.EqualTo(0.75 * rest).Within(1).Percent);
        Assert.That(groups.KvBytesPerToken, Is.EqualTo(4 * split.KvBytesPerToken));
    }

    [TestCase(1, 2)]
    [TestCase(3, 2)]
    public void Share_FewerPromptsThanGroups_GivesOneGroupAWholePrompt(int prompts, int groups)
    {
        BatchShape share = new BatchShape(1000 * prompts, prompts, 500_000.0 * prompts, 0, prompts, 7, 7000).Share(groups);

        int whole = (prompts + groups - 1) / groups;
        Assert.That((share.PrefillTokens, share.PrefillSequences, share.PrefillPairs, share.DecodeSequences, share.DecodeKvTokens), Is.EqualTo((1000 * whole, whole, 500_000.0 * whole, 4, 4000.0)));
    }

    private static IEngineCost Engine(int tensor, int pipeline, PrecisionMode precision, bool kv8) =>
        new MeasuredCostModel(Large.Hardware).For(new EngineSpec(Large.Model, tensor, pipeline, precision, kv8, null, 0));
}
