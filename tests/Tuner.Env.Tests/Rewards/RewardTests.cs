using Tuner.Policy.Telemetry;

namespace Tuner.Env.Rewards;

public sealed class RewardTests
{
    private static readonly ServiceObjective Objective = new(0.5, 0.00025, 0.025);

    [TestCase(-5, 0.4), TestCase(0, 0.4), TestCase(20, 0.08), TestCase(160, 0.04), TestCase(300, 0), TestCase(500, 0), TestCase(10, 0.24)]
    public void QualityPrice_SavedWindows_FallsFromScarceByPlentyToNothing(double saved, double price)
        => Assert.That(new RewardOptions().QualityPrice(saved), Is.EqualTo(price).Within(1e-9));

    [Test]
    public void QualityPrice_NothingIsAbundant_StaysThatOfPlenty()
        => Assert.That(new RewardOptions { AbundantWindows = 0 }.QualityPrice(500), Is.EqualTo(0.08).Within(1e-9));

    [Test]
    public void Quality_LossyWindow_CostsItsPriceInPromises()
    {
        var options = new RewardOptions();
        var window = new WindowMetrics { Seconds = 10, Completed = 50, Attainment = 1, QualityLoss = 0.5, QualityBalance = 20 };

        double quality = Reward.Of(window, Objective, 50, options).Quality;

        // A promise kept instead of broken is worth 3; at 0.08 a point, half a point is worth 4 % of the requests.
        Assert.That(quality, Is.EqualTo(-3 * 0.08 * 0.5).Within(1e-9));
    }
}
