using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

public sealed class TrafficStatisticsTests
{
    [TestCase("conv", 12861, 5.92, 1.08, 1.43, 1.36, 1228, 202)]
    [TestCase("code", 6621, 3.18, 12.8, 3.32, 13.2, 2033, 27.5)]
    public void Of_AzureTraces_MatchesPublishedFigures(string family, int count, double rate, double variation, double peak, double dispersion, double prompt, double output)
    {
        var source = new AzureCsvReader(family, SharedTraces.Open($"AzureLLMInferenceTrace_{family}.1815-1852.csv"), TrafficClass.Chat);
        TrafficStatistics found = TrafficStatistics.Of(source);

        Assert.That(found.Count, Is.EqualTo(count));
        Assert.That(found.RequestsPerSecond, Is.EqualTo(rate).Within(0.5).Percent);
        Assert.That(found.GapVariation, Is.EqualTo(variation).Within(1).Percent);
        Assert.That(found.PeakToMeanMinute, Is.EqualTo(peak).Within(1).Percent);
        Assert.That(found.DispersionIndex, Is.EqualTo(dispersion).Within(2).Percent);
        Assert.That(found.PromptTokens.Mean, Is.EqualTo(prompt).Within(0.5).Percent);
        Assert.That(found.OutputTokens.Mean, Is.EqualTo(output).Within(0.5).Percent);
    }

    [Test]
    public void Of_MooncakeTrace_MatchesPublishedFigures()
    {
        TrafficStatistics found = TrafficStatistics.Of(new MooncakeReader("m", SharedTraces.Open("mooncake_conversation_trace.000-036min.jsonl.gz")));

        Assert.That(found.Count, Is.EqualTo(6966));
        Assert.That(found.PromptTokens.P90, Is.EqualTo(28176).Within(0.1).Percent);
        Assert.That(found.OutputTokens.P99, Is.EqualTo(1160).Within(0.1).Percent);
        Assert.That(found.PrefixHitShare, Is.EqualTo(0.352).Within(0.005));
    }

    [Test]
    public void Of_TwoRequestsSharingABlock_CountsItsTokens()
    {
        InferenceRequest first = new(0, 100, 1, TrafficClass.Chat, new ulong[] { 1, 2 }, 48);
        TrafficStatistics found = TrafficStatistics.Of([first, first with { ArrivalSeconds = 1, PrefixBlocks = new ulong[] { 1, 3 } }]);

        Assert.That(found.PrefixHitShare, Is.EqualTo(48.0 / 200));
    }

    [Test]
    public void Of_TwoLoadLevels_WeighsMinutesByTheirRequests()
    {
        // Minutes of 60 and 120 requests in turn: two thirds of the requests see the busy level, so both quantiles do.
        IEnumerable<InferenceRequest> two = Enumerable.Range(0, 21).SelectMany(minute => Minute(minute, minute % 2 == 0 ? 60 : 120));

        // One busy minute in four: 120 of 300 requests, so the 60 % quantile is still the quiet level.
        IEnumerable<InferenceRequest> four = Enumerable.Range(0, 41).SelectMany(minute => Minute(minute, minute % 4 == 0 ? 120 : 60));

        Assert.That(TrafficStatistics.Of(two).R90OverR60, Is.EqualTo(1));
        Assert.That(TrafficStatistics.Of(four).R90OverR60, Is.EqualTo(2));
    }

    [Test]
    public void Of_Nothing_IsEmpty()
        => Assert.That(TrafficStatistics.Of([]).Count, Is.Zero);

    private static IEnumerable<InferenceRequest> Minute(int minute, int count)
        => Enumerable.Range(0, count).Select(i => new InferenceRequest((60.0 * minute) + (60.0 * i / count), 1, 1, TrafficClass.Chat));
}
