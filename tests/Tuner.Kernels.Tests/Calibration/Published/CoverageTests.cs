using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

public sealed class CoverageTests
{
    [TestCase("a100")]
    [TestCase("b200")]
    public void TermCoverage_CallsLeftOut_FourInFiveLieInTheBand(string device)
    {
        IReadOnlyList<BandCoverage> coverages = TermCoverage.Run(SharedProfiles.Folder(), device);

        Assert.That(coverages, Has.Count.GreaterThanOrEqualTo(5));
        foreach (BandCoverage coverage in coverages)
        {
            Assert.That(coverage.IsRight, $"{coverage.What}: {coverage.LeftOut}");

            // A profile keeps all-reduces made monotonic, which hides some of what scatters on a B200.
            Assert.That(coverage.Shipped, Is.InRange(0.7, BandCoverage.Most), coverage.What);
        }
    }

    [TestCase("h100", 2)]
    [TestCase("h200", 3)]
    [TestCase("b200", 2)]
    public void ServedCoverage_ConfigurationsLeftOut_FourInFiveLieInTheBand(string device, int figures)
    {
        IReadOnlyList<BandCoverage> coverages = ServedCoverage.Run(ProfileCatalog.Hardware(device), EndToEndSample.Read(SharedProfiles.Folder()));

        Assert.That(coverages, Has.Count.EqualTo(figures));
        foreach (BandCoverage coverage in coverages)
        {
            Assert.That(coverage.IsRight, $"{coverage.What}: {coverage.LeftOut}");

            // One spread serves an engine on every GPU. Where this fails, what ships is out of date: the check prints the spread to write down.
            Assert.That(coverage.Shipped, Is.InRange(0.65, 0.95), coverage.What);
        }
    }

    [Test]
    public void Of_ErrorsOfOneConfigurationTenTimesLarger_AreNotCoveredByTheOthers()
    {
        BandError[] errors = [.. Enumerable.Range(0, 50).Select(i => new BandError("small", 0, 0.001 * i)), .. Enumerable.Range(0, 10).Select(i => new BandError("large", 0, 0.5))];

        BandCoverage coverage = ServedCoverage.Of("both", errors, 0.04);

        Assert.That(coverage.LeftOut, Is.EqualTo(50 / 60.0).Within(1e-9));
        Assert.That(coverage.Shipped, Is.EqualTo(41 / 60.0).Within(1e-9));
    }

    [Test]
    public void Of_OnePartTenTimesLarger_LiesOutsideTheBandOfTheOthers() =>
        Assert.That(TermCoverage.Of("term", [.. Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? 0.1 : 0.01)]).LeftOut, Is.EqualTo(0.9).Within(1e-9));
}
