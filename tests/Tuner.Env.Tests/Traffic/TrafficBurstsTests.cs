namespace Tuner.Env.Traffic;

public sealed class TrafficBurstsTests
{
    private static readonly TrafficTrace Traffic = Lab.Poisson(1, 25, 900, 1500, 200);

    [Test]
    public void Regular_ThreeTimesTheRateAndTheRestIsUntouched()
    {
        TrafficTrace burst = TrafficBursts.Regular(Traffic, 1);
        Assert.That(Count(burst, 255, 300) / (double)Count(Traffic, 255, 300), Is.EqualTo(3).Within(0.05));
        Assert.That(burst.Requests().Where(request => request.ArrivalSeconds < 255), Is.EqualTo(Traffic.Requests().Where(request => request.ArrivalSeconds < 255)));
        Assert.That(burst.Arrivals.ToArray(), Is.Ordered);
    }

    [Test]
    public void Irregular_SomeTensOfSecondsHaveSeveralTimesTheRateAndMostAreUntouched()
    {
        TrafficTrace burst = TrafficBursts.Irregular(Traffic, 1);
        double[] ratios = [.. Enumerable.Range(0, 89).Select(i => Count(burst, 10 * i, (10 * i) + 10) / (double)Count(Traffic, 10 * i, (10 * i) + 10))];
        Assert.That(ratios.Count(ratio => ratio == 1), Is.GreaterThan(ratios.Length / 2));
        Assert.That(ratios.Max(), Is.InRange(1.8, 4.3));
        Assert.That(burst.Arrivals.ToArray(), Is.Ordered);
    }

    [Test]
    public void Irregular_AnotherSeed_AnotherRhythm()
    {
        TrafficTrace once = TrafficBursts.Irregular(Traffic, 1);
        Assert.That(TrafficBursts.Irregular(Traffic, 1).Arrivals.ToArray(), Is.EqualTo(once.Arrivals.ToArray()));
        Assert.That(TrafficBursts.Irregular(Traffic, 2).Arrivals.ToArray(), Is.Not.EqualTo(once.Arrivals.ToArray()));
    }

    private static int Count(TrafficTrace trace, double from, double to) => trace.FirstAtOrAfter(to) - trace.FirstAtOrAfter(from);
}
