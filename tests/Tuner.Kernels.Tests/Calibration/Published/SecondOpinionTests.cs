using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

public sealed class SecondOpinionTests
{
    [Test]
    public void Run_H100_ProductsOthersTimedLieWithinAnEighth()
    {
        IReadOnlyList<KernelRatio> ratios = SecondOpinion.Run(SharedProfiles.Folder(), HardwareFile.Parse(ShippedConfig.Read("hardware", "h100")!));

        Assert.That(ratios, Has.Count.EqualTo(12));
        Assert.That(ratios.Select(ratio => ratio.Median), Is.All.InRange(0.9, 1.125));
    }

    [Test]
    public void Run_GpuNobodyElseTimed_IsEmpty()
        => Assert.That(SecondOpinion.Run(SharedProfiles.Folder(), HardwareFile.Parse(ShippedConfig.Read("hardware", "h200")!)), Is.Empty);
}
