using System.Text.Json;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Tests.Traffic;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Measurement.Tracing;

public sealed class ChromeTraceTests
{
    private static readonly Scenario Scenario = ScenarioFile.Load("llama70b-8xb200");
    private static readonly PoolSpec Pool = Scenario.LayoutOf(ParallelismMode.Tensor).Pools[0];

    [TestCase("events.json")]
    [TestCase("events.json.gz")]
    public void Run_WithSwitchesUnderLoad_IsWhatViewersExpect(string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf(name);
        TrafficTrace trace = Lab.Poisson(3, 12, 60, 900, 150);
        KnobSettings start = Scenario.DefaultSettings;
        KnobSettings single = start with { Parallelism = ParallelismMode.Single };
        var schedule = new KnobSchedule(start, [new(20, single), new(33.3, single with { Precision = PrecisionMode.Fp8Fp4, KvCompression = true }), new(45, start)]);
        RunResult watched;
        using (var events = new ChromeTrace(path, Scenario, trace, start))
            watched = ScheduledRun.Run(Lab.Costs(Scenario), trace, schedule, events);

        ChromeEvents read = ChromeEvents.Read(path);
        read.AssertSlicesNest();
        read.AssertThreadsDoOneThingAtATime();
        Assert.That(watched.Outcomes, Is.EqualTo(ScheduledRun.Run(Lab.Costs(Scenario), trace, schedule).Outcomes), "a watched run is the same run");
        Assert.That(read.Of("e", "request").Count(item => Ending(item) == "completed"), Is.EqualTo(trace.Count));
        Assert.That(read.Of("n", "moved").Count(), Is.Positive.And.EqualTo(read.Of("e", "request").Count(item => Ending(item) == "moved")));
        Assert.That(read.Of("i").Select(item => (item.GetProperty("ts").GetInt64(), item.GetProperty("name").GetString())), Is.EqualTo(new[]
        {
            (20_000_000L, "parallelism tensor → single"),
            (33_300_000L, "precision fp8 → fp8-fp4, kv-compression off → on"),
            (45_000_000L, "parallelism single → tensor, precision fp8-fp4 → fp8, kv-compression on → off"),
        }));
        Assert.That(read.Of("X", "paused for a change of settings").Select(item => item.GetProperty("dur").GetInt64()), Has.Some.GreaterThan(1_900_000));

        // Eight single and four tensor replicas, each with tracks of its own; the layout that came back found its own again.
        Assert.That(read.Names("process_name"), Is.Unique.And.Length.EqualTo(13).And.SupersetOf(new[] { "replica 2 (tensor: tp 2)", "replica 7 (single: 1 GPU)" }));
        foreach (JsonElement last in read.Of("C", "requests").GroupBy(item => item.GetProperty("pid").GetInt32()).Select(samples => samples.Last().GetProperty("args")))
            Assert.That((last.GetProperty("running").GetInt32(), last.GetProperty("waiting").GetInt32()), Is.EqualTo((0, 0)), "everybody left");
        Assert.That(read.Of("X").Sum(item => item.GetProperty("args").TryGetProperty("steps", out JsonElement steps) ? steps.GetInt64() : 0), Is.EqualTo(watched.EngineSteps));
    }

    [Test]
    public void Run_Interrupted_LeavesACompleteFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("events.json");
        TrafficTrace trace = Lab.Poisson(3, 12, 60, 900, 150);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
        {
            using var events = new ChromeTrace(path, Scenario, trace, Scenario.DefaultSettings);
            ScheduledRun.Run(Lab.Costs(Scenario), trace, KnobSchedule.Fixed(Scenario.DefaultSettings), events, new AfterHalf(cancel), cancellation: cancel.Token);
        });

        ChromeEvents read = ChromeEvents.Read(path);
        read.AssertSlicesNest();
        read.AssertThreadsDoOneThingAtATime();
        Assert.That(read.Of("e", "request").Count(item => Ending(item) == "unfinished"), Is.Positive);
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Happened_PreemptedResumedAndTimedOut_IsOneLineOfSlicesWithInstants()
    {
        ChromeEvents read = Written(events =>
        {
            events.Happened(new(RequestEventKind.Queued, 0, 0, 1));
            events.Happened(new(RequestEventKind.Admitted, 0, 0, 2));
            events.Happened(new(RequestEventKind.FirstToken, 0, 0, 3.5));

            // The engine threw it out before its first token had reached the client.
            events.Happened(new(RequestEventKind.Preempted, 0, 0, 3));
            events.Happened(new(RequestEventKind.Admitted, 0, 0, 4));
            events.Happened(new(RequestEventKind.TimedOut, 0, 0, 5));
        });

        read.AssertSlicesNest();
        Assert.That(read.Of("b").Select(item => (item.GetProperty("name").GetString(), item.GetProperty("ts").GetInt64() / 1e6)), Is.EqualTo(new[]
        {
            ("request", 1.0), ("queued", 1.0), ("prefill", 2.0), ("decoding", 3.5), ("queued", 3.5), ("resumed", 4.0),
        }));
        Assert.That(read.Of("n").Select(item => item.GetProperty("name").GetString()), Is.EqualTo(new[] { "preempted", "timed out" }));
    }

    [Test]
    public void Happened_RefusedAtTheDoorOrBetweenReplicas_IsAnInstantOfTheCluster()
    {
        ChromeEvents read = Written(events =>
        {
            events.Happened(new(RequestEventKind.Refused, 0, -1, 1));
            events.Happened(new(RequestEventKind.Queued, 1, 0, 2));
            events.Happened(new(RequestEventKind.Moved, 1, 0, 3));
            events.Happened(new(RequestEventKind.Refused, 1, -1, 4));
        });

        read.AssertSlicesNest();
        Assert.That(read.Of("i", "refused").Select(item => item.GetProperty("args").GetProperty("request").GetInt32()), Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void Paused_InPieces_IsOneSlice()
    {
        ChromeEvents read = Written(events =>
        {
            events.Paused(new(0, 1, 2));
            events.Paused(new(0, 2, 3.5));
            events.Paused(new(0, 5, 6));
        });

        Assert.That(read.Of("X").Where(item => item.GetProperty("pid").GetInt32() > 1).Select(item => (item.GetProperty("ts").GetInt64(), item.GetProperty("dur").GetInt64())), Is.EqualTo(new[] { (1_000_000L, 2_500_000L), (5_000_000L, 1_000_000L) }));
    }

    [Test]
    public void Queued_OnAReplicaThatIsBuiltLater_BeginsWithIt()
    {
        ChromeEvents read = Written(events =>
        {
            events.Happened(new(RequestEventKind.Queued, 0, 0, 1));
            events.Happened(new(RequestEventKind.Moved, 0, 0, 2.2));
            events.Retired(0, 2.2);
            events.Built(new ReplicaRecord(1, ParallelismMode.Tensor, 0, Pool, 2.2));
            events.Happened(new(RequestEventKind.Queued, 0, 1, 2));
            events.Happened(new(RequestEventKind.Admitted, 0, 1, 3));
            events.Happened(new(RequestEventKind.Completed, 0, 1, 4));
        });

        read.AssertSlicesNest();
        Assert.That(read.Of("b", "request").Select(item => item.GetProperty("ts").GetInt64()), Is.EqualTo(new[] { 1_000_000L, 2_200_000L }));
    }

    /// <summary>A file of one replica, number 0, and what is told.</summary>
    private static ChromeEvents Written(Action<ChromeTrace> tell)
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("events.json");
        using (var events = new ChromeTrace(path, Scenario, Lab.Burst(2, 100, 10), Scenario.DefaultSettings))
        {
            events.Built(new ReplicaRecord(0, ParallelismMode.Tensor, 0, Pool, 0));
            tell(events);
        }

        return ChromeEvents.Read(path);
    }

    private static string? Ending(JsonElement item) => item.GetProperty("args").GetProperty("ending").GetString();

    private sealed class AfterHalf(CancellationTokenSource cancel) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value > 0.5)
                cancel.Cancel();
        }
    }
}
