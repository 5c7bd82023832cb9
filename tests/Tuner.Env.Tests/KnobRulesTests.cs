using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env;

public sealed class KnobRulesTests
{
    public static IEnumerable<string> Shipped => ShippedConfig.Names("scenarios");

    [TestCaseSource(nameof(Shipped))]
    public void Mask_WhateverTheState_LeavesEveryHeadAChoiceThatFits(string name)
    {
        Scenario scenario = ScenarioFile.Load(name);
        var rules = new KnobRules(scenario);
        RandomStream random = RandomStream.For(2, "test-masks");
        int[] action = new int[KnobSpace.HeadCount];
        for (int i = 0; i < 500; i++)
        {
            KnobSettings current = Lab.RandomSettings(random, scenario);
            KnobMask mask = rules.Mask(current, new WindowMetrics { QualityBalance = random.NextGaussian() }, 120 * random.NextDouble());
            for (int head = 0; head < action.Length; head++)
            {
                int[] allowed = [.. Enumerable.Range(0, KnobSpace.HeadSizes[head]).Where(value => mask.Allows((Knob)head, value))];
                Assert.That(allowed, Is.Not.Empty, $"{(Knob)head} from {current}");
                action[head] = allowed[random.NextInt(allowed.Length)];
            }

            Assert.That(scenario.Fits(rules.Resolve(current, scenario.Knobs.Apply(current, action))), $"from {current}");
        }
    }

    [Test]
    public void Mask_BudgetSpent_MustLeaveLossySettings()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xb200");
        KnobSettings lossy = scenario.DefaultSettings with { Precision = PrecisionMode.Fp8Fp4, KvCompression = true };
        KnobMask mask = new KnobRules(scenario).Mask(lossy, new WindowMetrics { QualityBalance = -1 });
        Assert.Multiple(() =>
        {
            Assert.That(mask.Allows(Knob.Precision, (int)PrecisionMode.Fp8Fp4), Is.False);
            Assert.That(mask.Allows(Knob.Precision, (int)PrecisionMode.Fp8));
            Assert.That(mask.Allows(Knob.KvCompression, 1), Is.False);
            Assert.That(mask.Allows(Knob.KvCompression, 0));
        });
    }

    [Test]
    public void Mask_LayoutJustChanged_KeepsItForTheCooldown()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        var rules = new KnobRules(scenario, 60);
        Assert.That(rules.Mask(scenario.DefaultSettings, default, 59).Allows(Knob.Parallelism, (int)ParallelismMode.Single), Is.False);
        Assert.That(rules.Mask(scenario.DefaultSettings, default, 60).Allows(Knob.Parallelism, (int)ParallelismMode.Single));
        Assert.That(rules.Mask(scenario.DefaultSettings, default, 0).Allows(Knob.Parallelism, (int)scenario.DefaultSettings.Parallelism));
    }
}
