using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Cluster;

public sealed class ConservationTests
{
    /// <summary>A request's outcome, and what the windows said on the way.</summary>
    private sealed record Books(RequestOutcome[] Outcomes, List<WindowMetrics> Windows, double OutputTokens, int InFlight, int Switches);

    [Test]
    public void Books_RandomSessionsAndChanges_BalanceAfterEveryStep(
        [Values("llama8b-1xh100", "qwen32b-4xh100", "llama70b-8xh200", "llama70b-8xb200", "llama405b-8xh200")] string name,
        [Values(1, 2, 3)] int seed)
    {
        Scenario scenario = ScenarioFile.Load(name);
        foreach (ParallelismMode mode in Enum.GetValues<ParallelismMode>())
        {
            if (!scenario.Fits(scenario.DefaultSettings with { Parallelism = mode }))
                continue;
            KnobSettings start = scenario.DefaultSettings with { Parallelism = mode, KvPrefetch = true };
            Scenario tight = Lab.Tight(scenario, start, 24_000, 4e9);
            TrafficTrace trace = Lab.Sessions((ulong)seed, 800, 4 + (6 * seed), 12, 12, tight.MaxSequenceTokens + 1);
            Books books = Live(tight, trace, start, (ulong)seed, changes: true);
            Check(trace, books);
            Assert.That(books.Switches, Is.GreaterThan(5));
        }
    }

    [Test]
    public void Books_SmallKvAndSharedPrefixes_SeePreemptionEvictionAndPrefetch()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        KnobSettings start = scenario.DefaultSettings with { KvPrefetch = true, Speculation = false };
        Scenario tight = Lab.Tight(scenario, start, 24_000, 8e9);
        TrafficTrace trace = Lab.Sessions(5, 600, 6, 12, 12, tight.MaxSequenceTokens + 1);
        Books books = Live(tight, trace, start, 5, changes: false);
        Check(trace, books);
        Assert.Multiple(() =>
        {
            Assert.That(books.Windows.Sum(window => window.Preemptions), Is.Positive, "preemptions");
            Assert.That(books.Windows.Max(window => window.PrefixHitRate), Is.Positive, "prefix hits");
            Assert.That(books.Windows.Max(window => window.HostLinkUse), Is.Positive, "host copies");
            Assert.That(books.Windows.Max(window => window.PrefetchUseful), Is.Positive, "useful prefetches");
            Assert.That(books.OutputTokens, Is.EqualTo(books.Outcomes.Where(outcome => outcome.Completed).Sum(outcome => outcome.OutputTokens)).Within(1e-6).Percent);
        });
    }

    [Test]
    public void Request_LongerThanServed_IsRefusedAtOnce()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        TrafficTrace trace = TrafficTrace.Of("long", [new InferenceRequest(1, scenario.MaxSequenceTokens, 1, TrafficClass.LongContext), new InferenceRequest(2, 10, 10, TrafficClass.Chat)], 3);
        RunResult run = Lab.Run(scenario, trace, scenario.DefaultSettings);
        Assert.That(run.Outcomes[0].Completed, Is.False);
        Assert.That(run.Outcomes[0].EndSeconds, Is.EqualTo(1));
        Assert.That(run.Outcomes[1].Completed, Is.True);
        Assert.That(run.Windows.Sum(window => window.Failed), Is.EqualTo(1));
    }

    [Test]
    public void Request_LargerThanKvMemory_IsRefusedAtOnce()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        KnobSettings settings = scenario.DefaultSettings with { Speculation = false, KvCompression = false };
        Scenario tight = Lab.Tight(scenario, settings, 12_000, 0) with { MaxSequenceTokens = 100_000 };
        TrafficTrace trace = TrafficTrace.Of("large", [new InferenceRequest(1, 14_000, 10, TrafficClass.LongContext), new InferenceRequest(2, 100, 10, TrafficClass.Chat)], 3);
        RunResult run = Lab.Run(tight, trace, settings);
        Assert.That(run.Outcomes[0].EndSeconds, Is.EqualTo(1));
        Assert.That(run.Outcomes[1].Completed, Is.True);
    }

    [Test]
    public void Request_OnceTheKvMemoryShrinks_IsRefusedAndBlocksNobody()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        KnobSettings small = scenario.DefaultSettings with { Speculation = false, KvCompression = false };
        KnobSettings large = small with { KvCompression = true };
        Scenario tight = Lab.Tight(scenario, small, 12_000, 0) with { MaxSequenceTokens = 100_000 };
        TrafficTrace trace = TrafficTrace.Of(
            "shrinks",
            [new InferenceRequest(0, 18_000, 2000, TrafficClass.LongContext), new InferenceRequest(0.1, 18_000, 2000, TrafficClass.LongContext), new InferenceRequest(0.2, 100, 10, TrafficClass.Chat)],
            1);
        var table = new OutcomeTable(trace);
        var cluster = new ServingCluster(tight, Lab.Costs(tight), trace, large) { Sink = table };
        cluster.Advance(1);
        Assert.That(cluster.InFlight, Is.GreaterThanOrEqualTo(2));
        cluster.Change(small);
        cluster.CheckInvariants();
        cluster.Advance(60);
        RequestOutcome[] outcomes = table.Finish();
        Assert.That(cluster.InFlight, Is.Zero);
        Assert.That(outcomes.Select(outcome => outcome.Completed), Is.EqualTo(new[] { false, false, true }));
        Assert.That(outcomes[0].EndSeconds, Is.EqualTo(1).Within(0.5));
    }

    [Test]
    public void Cluster_WithoutTraffic_IdlesAtIdlePower()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        TrafficTrace trace = TrafficTrace.Of("nothing", [], 60);
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), trace, scenario.DefaultSettings);
        cluster.Advance(30);
        cluster.Change(scenario.DefaultSettings with { Parallelism = scenario.DefaultSettings.Parallelism == ParallelismMode.Single ? ParallelismMode.Tensor : ParallelismMode.Single });
        cluster.Advance(60);
        cluster.CheckInvariants();
        WindowMetrics window = cluster.TakeWindow();
        Assert.Multiple(() =>
        {
            Assert.That(window.PowerWatts, Is.EqualTo(8 * scenario.Hardware.Power.IdleWatts).Within(1e-6).Percent);
            Assert.That(window.Completed + window.Failed + window.Waiting + window.Running, Is.Zero);
            Assert.That(window.BusyShare, Is.Zero);
        });
        RunResult run = Lab.Run(scenario, trace, scenario.DefaultSettings);
        Assert.That((run.Attainment, run.Completed), Is.EqualTo((1.0, 0)));
    }

    private static Books Live(Scenario scenario, TrafficTrace trace, KnobSettings start, ulong seed, bool changes)
    {
        RandomStream random = RandomStream.For(seed, "test-steps");
        var table = new OutcomeTable(trace);
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), trace, start) { Sink = table };
        var windows = new List<WindowMetrics>();
        double end = trace.DurationSeconds + 3000;
        while (cluster.NowSeconds < end && (!cluster.ArrivalsDone || cluster.InFlight > 0))
        {
            cluster.Advance(cluster.NowSeconds + random.NextExponential(0.1));
            cluster.CheckInvariants();
            if (random.NextInt(50) == 0)
                windows.Add(cluster.TakeWindow());
            if (!changes || random.NextInt(25) != 0)
                continue;
            cluster.Change(Lab.RandomSettings(random, scenario));
            cluster.CheckInvariants();
        }

        windows.Add(cluster.TakeWindow());
        return new Books(table.Finish(), windows, cluster.TotalOutputTokens, cluster.InFlight, cluster.Switches);
    }

    private static void Check(TrafficTrace trace, Books books)
    {
        double served = 0;
        double refused = 0;
        for (int i = 0; i < trace.Count; i++)
        {
            RequestOutcome outcome = books.Outcomes[i];
            Assert.That(double.IsFinite(outcome.EndSeconds), $"request {i} never ended");
            Assert.That(outcome.EndSeconds, Is.GreaterThanOrEqualTo(outcome.ArrivalSeconds));
            Assert.That(outcome.ArrivalSeconds, Is.EqualTo(trace.Arrivals[i]));
            if (outcome.Completed)
                served += outcome.OutputTokens;
            else
                refused += outcome.OutputTokens;
            if (outcome.Completed)
                Assert.That(outcome.FirstTokenSeconds, Is.InRange(outcome.ArrivalSeconds, outcome.EndSeconds));
        }

        // A request refused in mid-run, when a change left it no room, had produced some of its tokens.
        Assert.That(books.OutputTokens, Is.InRange(served - 1e-3, served + refused + 1e-3));
        Assert.That(books.InFlight, Is.Zero);
        Assert.That(books.Windows.Sum(window => window.Arrived), Is.EqualTo(trace.Count));
        Assert.That(books.Windows.Sum(window => window.Completed + window.Failed), Is.EqualTo(trace.Count));
    }
}
