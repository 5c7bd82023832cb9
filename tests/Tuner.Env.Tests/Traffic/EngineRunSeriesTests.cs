namespace Tuner.Env.Traffic;

public sealed class EngineRunSeriesTests
{
    private string file = "";

    [SetUp]
    public void NameFile() => file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():n}.csv");

    [TearDown]
    public void DeleteFile() => File.Delete(file);

    [Test]
    public void On_StatisticsThatBeganEarlier_FindsTheRequestsClock()
    {
        // Arrivals every two seconds, each in the batch for five: the statistics began 7.3 s before the first.
        ServedRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => new ServedRequest(10, 10, 2 * i, 2 * i, 2 * i, (2 * i) + 0.1, (2 * i) + 5))];
        EngineRunSeries series = Read(["t,running,waiting,kv_cache_pct", .. Enumerable.Range(1, 24).Select(t => FormattableString.Invariant($"{t}.0,{requests.Count(request => request.ScheduledSeconds <= t - 7.3 && t - 7.3 < request.LastTokenSeconds)},0,12.5"))]);
        EngineRunSeries moved = series.On(requests);
        Assert.That(moved.Ticks[0].Seconds, Is.EqualTo(0.7).Within(0.5), "the second after the first arrival");
        Assert.That(moved.Ticks.Select(tick => tick.Running).Max(), Is.EqualTo(3));
        Assert.That((moved.HasKvUse, moved.Ticks[0].KvUse), Is.EqualTo((true, 0.125)));
    }

    [Test]
    public void Read_CacheUseThatIsZeroThroughout_WasNotRecorded()
        => Assert.That(Read("t,running,waiting,kv_cache_pct", "1.0,1,0,0.0").HasKvUse, Is.False);

    [TestCase("t,running", "expected t, running and waiting")]
    [TestCase("t,running,waiting", "no rows")]
    [TestCase("t,running,waiting\n1,x,0", ":2: running is 'x'")]
    [TestCase("t,running,waiting\n2,1,0\n1,1,0", ":3: t is 1 after 2")]
    public void Read_WhatIsNoSuchTable_IsRefusedInOneSentence(string text, string said)
        => Assert.That(() => Read(text), Throws.TypeOf<TrafficFormatException>().With.Message.Contains(said));

    private EngineRunSeries Read(params string[] lines)
    {
        File.WriteAllLines(file, lines);
        return EngineRunSeries.Read(file);
    }
}
