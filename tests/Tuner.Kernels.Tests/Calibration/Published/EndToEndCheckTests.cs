using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

public sealed class EndToEndCheckTests
{
    [Test]
    public void Run_H100_CoversItsDenseBenchmarksAndIsCloseOnOneGpu()
    {
        (IReadOnlyList<EndToEndError> errors, int notCovered) = EndToEndCheck.Run(ProfileCatalog.Hardware("h100"), EndToEndSample.Read(SharedProfiles.Folder()));

        EndToEndError single = errors.Single(error => error.Configuration == "llama-3.1-8b-instruct, bf16, tp 1");
        Assert.Multiple(() =>
        {
            Assert.That(errors.Sum(error => error.Rows) + notCovered, Is.EqualTo(357));
            Assert.That(single.Rows, Is.EqualTo(42));
            Assert.That(single.TpotError, Is.LessThan(0.05));
        });
    }

    [Test]
    public void Run_PredictionsThemselves_HaveNoError()
    {
        HardwareProfile profile = ProfileCatalog.Hardware("h100");
        EndToEndSample[] samples = [new("h100", "trtllm 1", "llama-3.1-8b", KernelPrecision.Bf16, 1, true, 4, 500, 20, 1, 1)];
        EndToEndError first = EndToEndCheck.Run(profile, samples).Errors.Single();

        EndToEndSample measured = samples[0] with { TtftSeconds = 1 + first.TtftBias, TpotSeconds = 1 + first.TpotBias };

        EndToEndError second = EndToEndCheck.Run(profile, [measured, measured with { Weights = null }]).Errors.Single();
        Assert.That(second.TpotError, Is.EqualTo(0).Within(1e-12));
        Assert.That(second.TtftError, Is.EqualTo(0).Within(1e-12));
    }
}
