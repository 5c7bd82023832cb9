using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

[TestFixture]
internal sealed class TrafficTraceTests
{
    [Test]
    public void Load_ArrivalsStartLate_RebasedToZero()
    {
        TrafficTrace trace = TrafficTrace.Load(new ListedTraffic(
            new InferenceRequest(100, 10, 2, TrafficClass.Code),
            new InferenceRequest(104, 20, 3, TrafficClass.Chat, new ulong[] { 1, 2 }, 16)));

        Assert.That(trace.Count, Is.EqualTo(2));
        Assert.That(trace.Arrivals.ToArray(), Is.EqualTo(new[] { 0.0, 4.0 }));
        Assert.That(trace.DurationSeconds, Is.EqualTo(4));
        Assert.That(trace.MeanRate, Is.EqualTo(0.5));
        Assert.That(trace.PromptTokens[1], Is.EqualTo(20));
        Assert.That(trace.OutputTokens[1], Is.EqualTo(3));
        Assert.That(trace.Classes[0], Is.EqualTo(TrafficClass.Code));
        Assert.That(trace.PrefixBlocks(0).Length, Is.Zero);
        Assert.That(trace.PrefixBlocks(1).ToArray(), Is.EqualTo(new ulong[] { 1, 2 }));
        Assert.That(trace.PrefixBlockTokens(0), Is.Zero);
        Assert.That(trace.PrefixBlockTokens(1), Is.EqualTo(16));
        Assert.That(trace.HasPrefixes, Is.True);
    }

    [Test]
    public void Load_Empty_SaysSo()
        => Assert.That(
            () => TrafficTrace.Load(new ListedTraffic()),
            Throws.TypeOf<TrafficFormatException>().With.Message.EqualTo("listed: no requests found; a trace needs at least one."));

    [Test]
    public void Load_BackInTime_SaysWhereAndWhat()
        => Assert.That(
            () => TrafficTrace.Load(new ListedTraffic(
                new InferenceRequest(5, 1, 1, TrafficClass.Chat), new InferenceRequest(4, 1, 1, TrafficClass.Chat))),
            Throws.TypeOf<TrafficFormatException>().With.Message.EqualTo(
                "listed: request 2 arrives at 4 s, which is not later than the one before; traces ascend."));

    [TestCase(-1.0, 0), TestCase(0.0, 0), TestCase(0.25, 1), TestCase(0.5, 1), TestCase(49.5, 99), TestCase(49.6, 100)]
    public void FirstAtOrAfter_AnInstant_IsTheFirstNotEarlier(double seconds, int expected)
        => Assert.That(ListedTraffic.Regular(100).FirstAtOrAfter(seconds), Is.EqualTo(expected));

    [TestCase(0.3), TestCase(0.9), TestCase(1.5), TestCase(2.0), TestCase(3.7)]
    public void Scaled_AnyFactor_ScalesTheRateAndKeepsTheClock(double factor)
    {
        TrafficTrace trace = ListedTraffic.Regular(20_000);

        TrafficTrace scaled = trace.Scaled(factor, seed: 3);

        Assert.That(scaled.DurationSeconds, Is.EqualTo(trace.DurationSeconds));
        Assert.That(scaled.Count, Is.EqualTo(factor * trace.Count).Within(2).Percent);
        double[] arrivals = scaled.Arrivals.ToArray();
        Assert.That(arrivals, Is.Ordered);
        Assert.That(arrivals[0], Is.GreaterThanOrEqualTo(0));
        Assert.That(arrivals[^1], Is.LessThanOrEqualTo(trace.DurationSeconds));
        Assert.That(
            scaled.FirstAtOrAfter(trace.DurationSeconds / 2),
            Is.EqualTo(factor * trace.Count / 2).Within(3).Percent, "the halves stay halves");
    }

    [Test]
    public void Scaled_SameSeed_SameTrace()
    {
        TrafficTrace trace = ListedTraffic.Regular(1000);

        TrafficTrace one = trace.Scaled(2.5, seed: 11);
        TrafficTrace two = trace.Scaled(2.5, seed: 11);

        Assert.That(one.Arrivals.SequenceEqual(two.Arrivals), Is.True);
        Assert.That(one.PromptTokens.SequenceEqual(two.PromptTokens), Is.True);
        Assert.That(one.Arrivals.SequenceEqual(trace.Scaled(2.5, seed: 12).Arrivals), Is.False);
    }

    [Test]
    public void Scaled_LargerFactor_KeepsEverythingASmallerOneKeeps()
    {
        TrafficTrace trace = ListedTraffic.Regular(500);

        HashSet<(double, int)> fewer = Requests(trace.Scaled(1.4, seed: 5));
        HashSet<(double, int)> more = Requests(trace.Scaled(2.9, seed: 5));

        Assert.That(fewer.IsSubsetOf(more), Is.True);

        static HashSet<(double, int)> Requests(TrafficTrace trace)
            => [.. Enumerable.Range(0, trace.Count).Select(i => (trace.Arrivals[i], trace.PromptTokens[i]))];
    }

    [Test]
    public void Scaled_Copies_ShareBlocksAmongThemselvesButNotWithTheOriginal()
    {
        TrafficTrace scaled = ListedTraffic.Regular(50).Scaled(2, seed: 1);

        var firstBlocks = new Dictionary<ulong, int>();
        var all = new HashSet<ulong>();
        for (int i = 0; i < scaled.Count; i++)
        {
            ulong first = scaled.PrefixBlocks(i)[0];
            firstBlocks[first] = firstBlocks.GetValueOrDefault(first) + 1;
            all.UnionWith(scaled.PrefixBlocks(i).ToArray());
            Assert.That(scaled.PrefixBlockTokens(i), Is.EqualTo(16));
        }

        Assert.That(firstBlocks.Values, Is.EqualTo(new[] { 50, 50 }));
        Assert.That(all, Has.Count.EqualTo(2 + 100));
    }

    [Test]
    public void Scaled_NotAboveZero_Throws()
        => Assert.That(() => ListedTraffic.Regular(2).Scaled(0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Slice_InTheMiddle_StartsAtZeroAndKeepsPrefixes()
    {
        TrafficTrace slice = ListedTraffic.Regular(100).Slice(10, 5);

        Assert.That(slice.Count, Is.EqualTo(10));
        Assert.That(slice.DurationSeconds, Is.EqualTo(5));
        Assert.That(slice.Arrivals[0], Is.Zero);
        Assert.That(slice.PromptTokens[0], Is.EqualTo(120));
        Assert.That(slice.PrefixBlocks(0).ToArray(), Is.EqualTo(new ulong[] { 7, 1020 }));
    }

    [Test]
    public void Slice_PastTheEnd_IsCutThere()
    {
        TrafficTrace slice = ListedTraffic.Regular(100).Slice(40, 100);

        Assert.That(slice.Count, Is.EqualTo(20));
        Assert.That(slice.DurationSeconds, Is.EqualTo(9.5));
        Assert.That(ListedTraffic.Regular(100).Slice(1000, 5).Count, Is.Zero);
    }

    [Test]
    public void Joined_TwoTraces_TheSecondFollowsTheFirst()
    {
        TrafficTrace first = Lab.Poisson(1, 5, 60, 100, 10);
        TrafficTrace second = Lab.Poisson(2, 5, 60, 100, 10);
        TrafficTrace both = TrafficTrace.Joined([first, second]);
        Assert.That(both.Count, Is.EqualTo(first.Count + second.Count));
        Assert.That(both.DurationSeconds, Is.EqualTo(first.DurationSeconds + second.DurationSeconds));
        Assert.That(both.Arrivals[first.Count], Is.EqualTo(first.DurationSeconds + second.Arrivals[0]));
    }
}
