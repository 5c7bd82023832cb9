using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

public sealed class DeterminismTests
{
    [Test]
    public void Outcomes_SameInputs_AreIdentical()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        TrafficTrace trace = Lab.Sessions(4, 500, 10, 20, 10, 10_000_000);
        KnobSettings settings = scenario.DefaultSettings with { KvPrefetch = true };
        RunResult one = Lab.Run(scenario, trace, settings);
        RunResult two = Lab.Run(scenario, trace, settings);
        Assert.That(one.Outcomes, Is.EqualTo(two.Outcomes));
        Assert.That(one.Windows, Is.EqualTo(two.Windows));
    }

    [Test]
    public void Completions_ManySmallStepsOrOneLarge_AreTheSame([Values] bool speculation, [Values] bool prefetch, [Values("llama8b-1xh100", "llama70b-8xh200")] string name)
    {
        Scenario scenario = ScenarioFile.Load(name);
        KnobSettings settings = scenario.DefaultSettings with { Speculation = speculation, KvPrefetch = prefetch };
        scenario = Lab.Tight(scenario, settings, 60_000, 8e9);
        TrafficTrace trace = Lab.Sessions(9, 300, 3, 10, 8, scenario.MaxSequenceTokens + 1);
        RequestOutcome[] large = Live(scenario, trace, settings, 10_000);
        RequestOutcome[] small = Live(scenario, trace, settings, 0.013);

        // A run of decode steps cut at a step boundary continues with the same steps: their times are affine in the context,
        // so only rounding differs. One step would be 0.005 s and more.
        for (int i = 0; i < trace.Count; i++)
            Assert.That(small[i].EndSeconds, Is.EqualTo(large[i].EndSeconds).Within(1e-3), $"request {i}");
    }

    private static RequestOutcome[] Live(Scenario scenario, TrafficTrace trace, KnobSettings settings, double stepSeconds)
    {
        var table = new OutcomeTable(trace);
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), trace, settings) { Sink = table };
        while (!cluster.ArrivalsDone || cluster.InFlight > 0)
            cluster.Advance(cluster.NowSeconds + stepSeconds);
        return table.Finish();
    }
}
