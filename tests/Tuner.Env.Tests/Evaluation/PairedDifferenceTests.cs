using Tuner.Env.Measurement;
using Tuner.Env.Traffic;

namespace Tuner.Env.Evaluation;

public sealed class PairedDifferenceTests
{
    [Test]
    public void Of_OnePolicyKeepsAQuarterMore_SaysSoWithinItsInterval()
    {
        PairedDifference difference = PairedDifference.Of(Run(i => i % 4 != 0), Run(i => i % 2 != 0), seed: 1);

        Assert.That(difference.Mean, Is.EqualTo(0.25).Within(1e-12));
        Assert.That(difference.Low, Is.LessThanOrEqualTo(0.25));
        Assert.That(difference.High, Is.GreaterThanOrEqualTo(0.25));
        Assert.That(difference.Requests, Is.EqualTo(400));
    }

    [Test]
    public void Of_LuckByTheMinute_IsWiderThanLuckByTheRequest()
    {
        // The same half of all requests, once in alternation and once by whole minutes.
        PairedDifference mixed = PairedDifference.Of(Run(i => i % 2 == 0), Run(_ => false), seed: 1);
        PairedDifference blocks = PairedDifference.Of(Run(i => i / 20 % 2 == 0), Run(_ => false), seed: 1);

        Assert.That(blocks.Mean, Is.EqualTo(mixed.Mean));
        Assert.That(mixed.High - mixed.Low, Is.LessThan(1e-9));
        Assert.That(blocks.High - blocks.Low, Is.GreaterThan(0.2));
    }

    [Test]
    public void Of_WindowsThatDoNotCount_AreLeftOut()
    {
        PairedDifference difference = PairedDifference.Of([Run(i => i >= 20)], [Run(_ => false)], (_, window) => window < 6, seed: 1);

        Assert.That(difference, Is.EqualTo(new PairedDifference(0, 0, 0, 20)));
    }

    [Test]
    public void Of_NoRequest_IsNothing()
        => Assert.That(PairedDifference.Of(Run(_ => true, requests: 0), Run(_ => true, requests: 0), seed: 1), Is.EqualTo(new PairedDifference(0, 0, 0, 0)));

    [Test]
    public void AttainmentInterval_NoRequest_IsOne()
        => Assert.That(Run(_ => true, requests: 0).AttainmentInterval(1), Is.EqualTo((1.0, 1.0)));

    /// <summary>A request every three seconds.</summary>
    private static RunResult Run(Func<int, bool> met, int requests = 400)
        => new("p", [.. Enumerable.Range(0, requests).Select(i => new RequestOutcome(i, TrafficClass.Chat, 1, 1, 3.0 * i, 3.0 * i, 3.0 * i, 0, met(i), RequestEnding.Completed))], [], [], 3.0 * requests, 0, 0);
}
