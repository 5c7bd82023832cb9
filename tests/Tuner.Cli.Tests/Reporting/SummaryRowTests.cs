using Tuner.Cli.Reporting;

namespace Tuner.Cli.Tests.Reporting;

public sealed class SummaryRowTests
{
    [Test]
    public void Of_FourSeedsOneOfThemOut_TakesTheMiddleHalf()
    {
        (string, string, double)[] loads = [("static-best", "day", 1), ("tuner", "day", 1.2), ("tuner", "day", 1.2), ("tuner", "day", 1.2), ("tuner", "day", 0.3)];
        SummaryRow row = SummaryRow.Of(loads, 1).Single();
        Assert.That(row.Ratio, Is.EqualTo(1.2).Within(1e-9));
        Assert.That(row.Seeds, Is.EqualTo(4));
        Assert.That(row.Interval!.Value.Low, Is.LessThan(0.9), "the fourth seed shows in the interval");
    }

    [Test]
    public void Of_TracesThatDiffer_GivesTheGeometricMeanAndAnIntervalAroundIt()
    {
        double[] ratios = [1.1, 1.2, 1.3, 1.0];
        (string, string, double)[] loads = [.. ratios.SelectMany((ratio, i) => new[] { ("static-best", $"day{i}", 2.0), ("tuner", $"day{i}", 2 * ratio) })];
        SummaryRow row = SummaryRow.Of(loads, 1).Single();
        Assert.That(row.Ratio, Is.EqualTo(Math.Exp(ratios.Average(Math.Log))).Within(1e-9));
        Assert.That(row.Interval!.Value.Low, Is.InRange(1.0, row.Ratio));
        Assert.That(row.Interval.Value.High, Is.InRange(row.Ratio, 1.3));
    }

    [Test]
    public void Of_TwoTracesOneSeed_StatesNoInterval()
        => Assert.That(SummaryRow.Of([("static-best", "a", 1), ("tuner", "a", 1.1), ("static-best", "b", 1), ("tuner", "b", 1.2)], 1).Single().Interval, Is.Null);

    [Test]
    public void ShareOfOracle_HalfOfItsGain_IsAHalf()
    {
        List<SummaryRow> rows = SummaryRow.Of([("static-best", "a", 1), ("oracle", "a", 1.2), ("tuner", "a", 1.1)], 1);
        Assert.That(SummaryRow.ShareOfOracle(rows), Is.EqualTo(0.5).Within(1e-9));
        Assert.That(SummaryRow.ShareOfOracle(SummaryRow.Of([("static-best", "a", 1), ("oracle", "a", 1.02), ("tuner", "a", 1.01)], 1)), Is.Null, "too little to divide");
    }
}
