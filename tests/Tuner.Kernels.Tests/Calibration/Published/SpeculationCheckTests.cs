using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

public sealed class SpeculationCheckTests
{
    [Test]
    public void Run_MeasuredSweep_KeptRowsAreWithinWhatIsAsked()
    {
        SpeculationReport report = SpeculationCheck.Run(ProfileCatalog.Hardware("h100"), SpeculationSample.Read(SharedProfiles.Folder()));

        Assert.Multiple(() =>
        {
            Assert.That(report.Points, Has.Count.EqualTo(162));
            foreach (SpeculationError error in report.Errors)
                Assert.That(error.MeanError, Is.LessThanOrEqualTo(SpeculationReport.Asked), error.Rows);
            foreach (BreakEven breakEven in report.BreakEvens)
                Assert.That(breakEven.StepsApart, Is.LessThanOrEqualTo(SpeculationReport.AskedSteps), $"{breakEven.Draft}, {breakEven.DraftTokens}");
        });
    }

    [Test]
    public void Run_WithoutWhatSpeculationAdds_Overrates()
    {
        HardwareProfile h100 = ProfileCatalog.Hardware("h100");
        SpeculationSample[] samples = [.. SpeculationSample.Read(SharedProfiles.Folder()).Where(sample => sample.Draft is null or "Qwen3-1.7B" && sample.InFlight == 64)];
        var study = new SpeculationStudy(h100);

        double[] free = study.Predict(samples, SpeculationStudy.HostSeconds, SpeculationOverheads.Vllm with { StepSeconds = 0, SequenceSeconds = 0, PassSeconds = 0, LayerSeconds = 0 });

        for (int i = 0; i < samples.Length; i++)
        {
            if (samples[i].Draft is not null)
                Assert.That(free[i], Is.GreaterThan(1.08 * samples[i].OutputTokensPerSecond));
        }
    }

    [Test]
    public void Fit_TheSweepAgain_IsHardlyBetterThanWhatShips()
    {
        IReadOnlyList<SpeculationSample> samples = SpeculationSample.Read(SharedProfiles.Folder());
        var study = new SpeculationStudy(ProfileCatalog.Hardware("h100"));
        SpeculationSample[] fitted = [.. samples.Where(SpeculationFit.IsFitted)];

        (double host, SpeculationOverheads again) = SpeculationFit.Run(study, samples);

        Assert.That(Error(SpeculationStudy.HostSeconds, SpeculationOverheads.Vllm) - Error(host, again), Is.LessThan(0.02));

        double Error(double hostSeconds, SpeculationOverheads speculation) =>
            study.Predict(fitted, hostSeconds, speculation).Zip(fitted, (predicted, sample) => Math.Abs((predicted / sample.OutputTokensPerSecond) - 1)).Average();
    }

    [Test]
    public void Run_RowWithoutABaseline_SaysWhichIsMissing() =>
        Assert.That(
            () => SpeculationCheck.Run(ProfileCatalog.Hardware("h100"), [new SpeculationSample("Qwen3-4B", 1, 3, 1.7, 50)]),
            Throws.TypeOf<CalibrationException>().With.Message.Contains("at 3 requests in flight"));

    [Test]
    public void Predict_UnknownDraft_NamesThoseKnown() =>
        Assert.That(
            () => new SpeculationStudy(ProfileCatalog.Hardware("h100")).Predict([new SpeculationSample("Other-1B", 1, 1, 1.7, 50)], 0, SpeculationOverheads.Vllm),
            Throws.TypeOf<CalibrationException>().With.Message.Contains("'Other-1B'").And.Message.Contains("Qwen3-4B"));
}
