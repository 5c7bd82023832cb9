using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

/// <summary>Needs no table: findings are compared with the profiles that ship.</summary>
public sealed class CrossoversTests
{
    [TestCase("h100", 26)]
    [TestCase("h200", 1)]
    [TestCase("b200", 7)]
    public void Run_ShippedProfile_FindsEveryPublishedSign(string device, int findings)
    {
        IReadOnlyList<CrossoverResult> results = Crossovers.Run(ProfileCatalog.Hardware(device));

        Assert.That(results, Has.Count.EqualTo(findings));
        Assert.Multiple(() =>
        {
            foreach (CrossoverResult result in results)
                Assert.That(result.Holds, $"{result.Crossover.Claim}: {result.More} is not more than {result.Less}");
        });
    }

    [Test]
    public void Run_CacheOfEightBitsAsDearAsSixteen_LosesTheFindingsOnIt()
    {
        HardwareProfile h100 = ProfileCatalog.Hardware("h100");
        HardwareProfile without = h100 with { Engines = [.. h100.Engines.Select(engine => engine with { Attention = [.. engine.Attention.Where(term => term.KvBits == 16)] })] };

        CrossoverResult[] lost = [.. Crossovers.Run(without).Where(result => !result.Holds)];

        Assert.That(lost, Is.Not.Empty);
        Assert.That(lost.Select(result => result.Crossover.Section), Is.All.EqualTo(4));
    }

    [Test]
    public void All_EverySection_IsThereWithItsSource() => Assert.Multiple(() =>
    {
        Assert.That(Crossovers.All.Select(crossover => crossover.Section).Distinct(), Is.EquivalentTo(new[] { 2, 3, 4, 5, 6 }));
        Assert.That(Crossovers.All.Select(crossover => crossover.Source), Is.All.Not.Empty);
    });
}
