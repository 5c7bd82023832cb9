using Tuner.Env.Costs;

namespace Tuner.Env.Tests.Costs;

public sealed class RoutedLoadTests
{
    private static readonly ExpertLayout Layout = new(3072, 1536, 8, 256, 1);

    [TestCase(1, 8)]
    [TestCase(16, 128)]
    [TestCase(32, 256)]
    [TestCase(512, 256)]
    public void Of_BalancedRouting_TouchesAnotherExpertWithEveryVisit(int rows, double touched)
    {
        var load = RoutedLoad.Of(rows, Layout, 0);

        Assert.That(load.Touched, Is.EqualTo(touched));
        Assert.That(load.Visits, Is.EqualTo(8.0 * rows));
    }

    [Test]
    public void Of_MoreSkew_TouchesFewerExperts()
    {
        double[] touched = [.. new[] { 0, 1.01, 1.2 }.Select(skew => RoutedLoad.Of(32, Layout, skew).Touched)];

        Assert.That(touched, Is.Ordered.Descending);
        Assert.That(touched[^1], Is.GreaterThanOrEqualTo(8), "a token visits eight different ones");
    }

    [Test]
    public void Of_ExponentOne_IsTheLimitOfItsNeighbours() =>
        Assert.That(RoutedLoad.Of(100, Layout, 1).Touched, Is.EqualTo(RoutedLoad.Of(100, Layout, 1.0001).Touched).Within(0.1).Percent);

    [Test]
    public void Of_SpreadOverRanks_GivesTheBusiestMoreThanItsShareOfVisits()
    {
        RoutedLoad even = RoutedLoad.Of(4096, Layout with { Ranks = 8 }, 0);
        RoutedLoad skewed = RoutedLoad.Of(4096, Layout with { Ranks = 8 }, 1.01);

        Assert.Multiple(() =>
        {
            Assert.That(even.Visits, Is.EqualTo(4096));
            Assert.That(skewed.Visits, Is.InRange(1.1 * 4096, 3.0 * 4096));
            Assert.That(skewed.Touched, Is.InRange(28, 32), "nearly every expert of the rank, by so many tokens");
        });
    }
}
