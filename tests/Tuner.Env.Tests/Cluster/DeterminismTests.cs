using Tuner.Env.Costs;
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
        Same(Live(scenario, trace, settings, 0.013), Live(scenario, trace, settings, 10_000));
    }

    [Test]
    public void Completions_StepByStepOrInClosedForm_AreTheSame(
        [Values] bool speculation,
        [Values] bool prefixes,
        [Values] bool overlapping,
        [Values("llama8b-1xh100", "llama70b-8xh200", "llama405b-8xh200")] string name,
        [Values(1, 2, 3)] int seed)
    {
        Scenario scenario = ScenarioFile.Load(name) with { Schedule = overlapping ? null : EngineSchedule.Chunked, Clients = new ClientSpec { TimeoutSeconds = 30, CancelShare = 0.2 } };
        KnobSettings settings = scenario.DefaultSettings with { Speculation = speculation, KvPrefetch = prefixes };
        scenario = Lab.Tight(scenario, settings, 40_000, 8e9);
        TrafficTrace trace = prefixes ? Lab.Sessions((ulong)seed, 300, 3, 10, 8, scenario.MaxSequenceTokens + 1) : Lab.Poisson((ulong)seed, 4, 90, 1200, 300);
        Same(Live(scenario, trace, settings, 10_000, longestRun: 1), Live(scenario, trace, settings, 10_000));
    }

    [Test]
    public void Copy_LivesOnLikeTheOriginal([Values] bool prefixes, [Values("llama8b-1xh100", "llama70b-8xh200")] string name)
    {
        Scenario scenario = ScenarioFile.Load(name);
        KnobSettings settings = scenario.DefaultSettings with { Speculation = true, KvPrefetch = true };
        scenario = Lab.Tight(scenario, settings, 60_000, 8e9);
        TrafficTrace trace = prefixes ? Lab.Sessions(9, 300, 3, 10, 8, scenario.MaxSequenceTokens + 1) : Lab.Poisson(9, 4, 90, 1200, 300);
        var costs = Lab.Costs(scenario);
        var table = new OutcomeTable(trace);
        var original = new ServingCluster(scenario, costs, trace, settings) { Sink = table };
        var copyTable = new OutcomeTable(trace);
        var copy = new ServingCluster(scenario, costs, trace, scenario.DefaultSettings) { Sink = copyTable };
        original.Advance(40);
        original.TakeWindow();
        original.Change(settings with { Speculation = false });
        original.Advance(45);
        copy.CopyFrom(original);
        copy.CheckInvariants();
        original.Advance(2000);
        copy.Change(copy.Settings with { KvCompression = true });
        copy.Advance(100);
        copy.CopyFrom(original);
        Assert.That(copy.TakeWindow(), Is.EqualTo(original.TakeWindow()));

        copy.Sink = null;
        copyTable = new OutcomeTable(trace);
        var again = new ServingCluster(scenario, costs, trace, settings) { Sink = copyTable };
        again.Advance(40);
        again.Change(settings with { Speculation = false });
        var branch = new ServingCluster(scenario, costs, trace, scenario.DefaultSettings);
        branch.CopyFrom(again);
        branch.Sink = copyTable;
        branch.Advance(45);
        branch.Advance(2000);
        RequestOutcome[] one = table.Finish();
        RequestOutcome[] two = copyTable.Finish();
        Assert.That(two, Is.EqualTo(one));
    }

    private static void Same(RequestOutcome[] one, RequestOutcome[] two)
    {
        // Times are sums in another order: only rounding differs.
        Assert.That(one.Select(each => each.Ending), Is.EqualTo(two.Select(each => each.Ending)));
        for (int i = 0; i < one.Length; i++)
        {
            Assert.That(one[i].EndSeconds, Is.EqualTo(two[i].EndSeconds).Within(1e-7), $"request {i}");
            Assert.That(one[i].FirstTokenSeconds, Is.EqualTo(two[i].FirstTokenSeconds).Within(1e-7), $"request {i}");
        }
    }

    private static RequestOutcome[] Live(Scenario scenario, TrafficTrace trace, KnobSettings settings, double stepSeconds, int longestRun = int.MaxValue)
    {
        var table = new OutcomeTable(trace);
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), trace, settings) { Sink = table, LongestRun = longestRun };
        while (!cluster.ArrivalsDone || cluster.InFlight > 0)
            cluster.Advance(cluster.NowSeconds + stepSeconds);
        return table.Finish();
    }
}
