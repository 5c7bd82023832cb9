using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

public sealed class PowerTests
{
    [Test]
    public void Run_Llama8BOnH100_DrawsWhatServingDrew()
    {
        IReadOnlyList<FitError> errors = PowerCheck.Run(ProfileCatalog.Hardware("h100"), SharedProfiles.Folder());

        FitError watts = errors.Single(error => error.Term == "watts, llama-3.1-8b, tp 1");
        Assert.That(watts.Rows, Is.GreaterThan(5));
        Assert.That(watts.MedianError, Is.LessThan(0.2));
    }

    [Test]
    public void Run_WithoutTheFile_ComparesNothing()
        => Assert.That(PowerCheck.Run(ProfileCatalog.Hardware("h100"), Path.GetTempPath()), Is.Empty);

    [TestCase("h100", Provenance.Published)]
    [TestCase("h200", Provenance.Analytic)]
    public void Calibration_MessagesBetweenStages_SayWhatTheyRestOn(string device, Provenance expected)
    {
        CollectiveTerm send = ProfileCatalog.Hardware(device).Engine(null).CollectiveFor(CollectiveOperation.PointToPoint, 2)!;

        Assert.That(send.Provenance, Is.EqualTo(expected));
        Assert.That(send.Seconds, Is.Ordered);

        // Vidur's H100: 64 MB in 0.19 ms.
        Assert.That(send.At(67e6), Is.EqualTo(0.193e-3).Within(5).Percent);
    }
}
