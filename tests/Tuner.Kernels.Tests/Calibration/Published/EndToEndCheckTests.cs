using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

public sealed class EndToEndCheckTests
{
    [Test]
    public void Run_H100_CoversItsDenseBenchmarksAndReachesThoseNothingWasFittedTo()
    {
        EndToEndReport report = EndToEndCheck.Run(ProfileCatalog.Hardware("h100"), EndToEndSample.Read(SharedProfiles.Folder()));

        EndToEndError kept = report.Halves.Single(half => half.Configuration == "configurations kept");
        Assert.Multiple(() =>
        {
            Assert.That(report.Errors.Sum(error => error.Rows) + report.NotCovered, Is.EqualTo(357));
            Assert.That(report.Halves.Sum(half => half.Rows), Is.EqualTo(report.Errors.Sum(error => error.Rows)));
            Assert.That(kept.TpotError, Is.LessThan(0.08));
            Assert.That(kept.TtftError, Is.LessThan(0.15));
        });
    }

    [Test]
    public void Run_PredictionsThemselves_HaveNoError()
    {
        HardwareProfile profile = ProfileCatalog.Hardware("h100");
        EndToEndSample[] samples = [Benchmark("h100", "trtllm 1", 4)];
        EndToEndError first = EndToEndCheck.Run(profile, samples).Errors.Single();

        EndToEndSample measured = samples[0] with { TtftSeconds = 1 + first.TtftBias, TpotSeconds = 1 + first.TpotBias };

        EndToEndError second = EndToEndCheck.Run(profile, [measured, measured with { Weights = null }]).Errors.Single();
        Assert.That(second.TpotError, Is.EqualTo(0).Within(1e-12));
        Assert.That(second.TtftError, Is.EqualTo(0).Within(1e-12));
    }

    [Test]
    public void IsFitted_AConfiguration_DoesNotDependOnItsConcurrency()
    {
        EndToEndSample[] samples = [.. new[] { 1, 2, 4, 8 }.SelectMany(inFlight => new[] { 100, 200, 300 }.Select(prompt => Benchmark("h100", "vllm 1", inFlight) with { PromptTokens = prompt }))];
        var halves = new ConfigurationHalves(samples);

        Assert.That(samples.GroupBy(sample => sample.PromptTokens).Select(group => group.Select(halves.IsFitted).Distinct().Single()), Is.EqualTo(new[] { true, false, true }));
    }

    private static EndToEndSample Benchmark(string device, string engine, int inFlight) => new(device, engine, "llama-3.1-8b", KernelPrecision.Bf16, 1, 1, 1, inFlight, 500, 20, 1, 1);
}
