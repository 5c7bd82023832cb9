using Tuner.Env.Cluster;
using Tuner.Env.Evaluation.Replaying;
using Tuner.Env.Scenarios;

namespace Tuner.Env.Traffic;

public sealed class EngineRunReaderTests
{
    private const string Second = """{"request_id": "b", "input_toks": 200, "output_toks": 11, "arrival_time": 99.0, "queued_ts": 1001.5, "scheduled_ts": 1001.5, "first_token_ts": 1001.7, "last_token_ts": 1002.7}""";
    private const string First = """{"request_id": "a", "input_toks": 100, "output_toks": 1, "arrival_time": 98.0, "queued_ts": 1000.5, "scheduled_ts": 1000.6, "first_token_ts": 1000.8, "last_token_ts": 1000.8}""";

    private string file = "";

    [SetUp]
    public void NameFile() => file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():n}.jsonl");

    [TearDown]
    public void DeleteFile() => File.Delete(file);

    [Test]
    public void Run_Unsorted_ArrivesInOrderFromZero()
    {
        EngineRunReader run = Open(Second, First);
        Assert.That(run.Select(request => (request.ArrivalSeconds, request.PromptTokens, request.OutputTokens)), Is.EqualTo(new[] { (0.0, 100, 1), (1.0, 200, 11) }));
        Assert.That(run.Requests[1].TtftSeconds, Is.EqualTo(0.2).Within(1e-9));
        Assert.That(run.Requests[1].TpotSeconds, Is.EqualTo(0.1).Within(1e-9));
        Assert.That(run.Requests[0].TpotSeconds, Is.Zero);
        Assert.That(run.Requests[1].LatencySeconds, Is.EqualTo(1.2).Within(1e-9));
    }

    [TestCase("""{"input_toks": 5, "queued_ts": 1, "first_token_ts": 2}""", "output_toks")]
    [TestCase("""{"input_toks": 0, "output_toks": 1, "queued_ts": 1, "scheduled_ts": 1, "first_token_ts": 2, "last_token_ts": 3}""", "at least one token")]
    [TestCase("""{"input_toks": 5, "output_toks": 1, "queued_ts": 3, "scheduled_ts": 1, "first_token_ts": 2, "last_token_ts": 3}""", "ascend")]
    public void Line_ThatIsNoRequest_IsNamed(string line, string said)
        => Assert.That(() => Open(First, line).Requests, Throws.TypeOf<TrafficFormatException>().With.Message.Contains(":2:").And.Message.Contains(said));

    [Test]
    public void FromClients_Arrival_IsWhenTheRequestCame()
    {
        // 20 ms later to the door than the first, 30 ms later seen: the engine was in a step.
        EngineRunReader run = Open(
            Line(arrival: 50.00, queued: 1000.00, scheduled: 1000.00, first: 1000.10, last: 1001),
            Line(arrival: 50.02, queued: 1000.03, scheduled: 1000.03, first: 1000.20, last: 1001));
        ServedRequest client = run.FromClients().Requests[1];
        Assert.That((client.ArrivalSeconds, client.QueuedSeconds, client.TtftSeconds), Is.EqualTo((0.02, 0.03, 0.18)).Using<(double, double, double)>(Near));
        Assert.That(run.Requests[1].TtftSeconds, Is.EqualTo(0.17).Within(1e-9));

        static bool Near((double, double, double) a, (double, double, double) b)
            => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) + Math.Abs(a.Item3 - b.Item3) < 1e-9;
    }

    [TestCase("41", "drift apart")]
    [TestCase("null", "arrival_time")]
    public void FromClients_WithoutAClockToTrust_IsRefused(string arrival, string said)
    {
        string[] lines =
        [
            Line(arrival: 50, queued: 1000, scheduled: 1000, first: 1000.1, last: 1001),
            Line(arrival: 42, queued: 1001, scheduled: 1001, first: 1001.1, last: 1002).Replace("42", arrival, StringComparison.Ordinal),
            Line(arrival: 42, queued: 1002, scheduled: 1002, first: 1002.1, last: 1003),
        ];
        Assert.That(() => Open(lines).FromClients().Requests, Throws.TypeOf<TrafficFormatException>().With.Message.Contains(said));
    }

    [Test]
    public void Line_WithoutTimes_IsCountedAndLeftOut()
    {
        EngineRunReader run = Open(First, """{"request_id": "c", "input_toks": 5, "output_toks": 5, "arrival_time": null, "queued_ts": null, "scheduled_ts": null, "first_token_ts": null, "last_token_ts": null}""", Second);
        Assert.That((run.Requests.Count, run.Unfinished), Is.EqualTo((2, 1)));
    }

    [Test]
    public void Replay_OfARunThatNeverWaits_ComparesLatenciesAndQueue()
    {
        RunReplay replay = RunReplay.Of(new EngineCostCache(ScenarioFile.Load("llama8b-1xrtxpro6000")), Open(First, Second), ScenarioFile.Load("llama8b-1xrtxpro6000").DefaultSettings);
        IReadOnlyList<LatencyComparison> rows = replay.Latencies();
        LatencyComparison ttft = rows.Single(row => row is { Latency: "TTFT", Statistic: "mean" });
        Assert.That(ttft.MeasuredMs, Is.EqualTo(250).Within(1e-6));
        Assert.That(ttft.SimulatedMs, Is.InRange(10, 30), "one short prompt on an idle GPU");
        Assert.That(rows.Single(row => row is { Latency: "TPOT", Statistic: "p99" }).MeasuredMs, Is.EqualTo(100).Within(1e-6));
        Assert.That(replay.MeasuredQueue[0], Is.EqualTo(new QueueSample(1, 1, 0)));
    }

    private static string Line(double arrival, double queued, double scheduled, double first, double last)
        => FormattableString.Invariant($$"""{"input_toks": 100, "output_toks": 10, "arrival_time": {{arrival}}, "queued_ts": {{queued}}, "scheduled_ts": {{scheduled}}, "first_token_ts": {{first}}, "last_token_ts": {{last}}}""");

    private EngineRunReader Open(params string[] lines)
    {
        File.WriteAllLines(file, lines);
        return (EngineRunReader)TrafficFiles.Open(file);
    }
}
