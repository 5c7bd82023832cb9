using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation;

public sealed class SustainedLoadTests
{
    [TestCase(0.25), TestCase(2)]
    public void Find_OneSlotOfKnownRate_FindsIt(double rate)
    {
        // One request a second is served; a promise of 30 s lets almost all of that be used, and a queue that grows breaks it.
        Scenario scenario = ConstantCost.OneSlot() with { Objective = new ServiceObjective(30, 0, 0.02), AttainmentTarget = 0.9 };
        TrafficTrace trace = TrafficTrace.Of("even", [.. Enumerable.Range(0, (int)(4000 * rate)).Select(i => new InferenceRequest(i / rate, 1, 101, TrafficClass.Chat))], 4000);
        double factor = SustainedLoad.Find(new EngineCostCache(scenario, new ConstantCost(0.01)), trace, () => new FixedPolicy("fixed", default), 1);
        Assert.That(factor * rate, Is.EqualTo(1).Within(6).Percent);
    }

    [Test]
    public void Find_PromiseThatCannotBeKept_IsZero()
    {
        Scenario scenario = ConstantCost.OneSlot() with { Objective = new ServiceObjective(30, 0, 0.001), AttainmentTarget = 0.9 };
        TrafficTrace trace = Lab.Poisson(1, 1, 100, 10, 50);
        Assert.That(SustainedLoad.Find(new EngineCostCache(scenario, new ConstantCost(0.01)), trace, () => new FixedPolicy("fixed", default), 1), Is.Zero);
    }
}
