using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Tests.Calibration.Published;

public sealed class StaticBatchCheckTests
{
    [TestCase("a100", 302, 52)]
    [TestCase("h100", 60, 0)]
    public void Run_MeasuredBatches_TensorParallelAndSingleAreClose(string device, int covered, int notCovered)
    {
        StaticBatchReport report = StaticBatchCheck.Run(ProfileCatalog.Hardware(device), StaticBatchSample.Read(SharedProfiles.Folder()));

        Assert.Multiple(() =>
        {
            Assert.That(report.Errors.Sum(error => error.Count), Is.EqualTo(covered));
            Assert.That(report.NotCovered, Is.EqualTo(notCovered));
            foreach (StaticBatchError error in report.Errors.Where(error => error.Batches.EndsWith("single", StringComparison.Ordinal) || error.Batches.Contains("tensor")))
                Assert.That(error.MeanError, Is.LessThan(0.16), error.Batches);
        });
    }

    [TestCase("a100")]
    [TestCase("h100")]
    public void Run_MeasuredOptions_NineInTenPicksAreWithinFivePercent(string device)
    {
        string folder = SharedProfiles.Folder();
        HardwareProfile profile = ProfileCatalog.Hardware(device);

        RankResult[] ranks = [.. StaticBatchCheck.Run(profile, StaticBatchSample.Read(folder)).Ranks, .. ServedRanks.Run(profile, EndToEndSample.Read(folder))];

        Assert.That(ranks.Any(rank => rank.Workloads > 0));
        foreach (RankResult rank in ranks.Where(rank => rank.Workloads > 0))
            Assert.That(rank.Close, Is.GreaterThanOrEqualTo(RankResult.Asked * rank.Workloads), rank.Question);
    }

    [TestCase("a100", "trtllm")]
    [TestCase("h100", "vllm")]
    public void Fit_TheBatchesAgain_IsHardlyBetterThanWhatShips(string device, string engine)
    {
        IReadOnlyList<StaticBatchSample> samples = StaticBatchSample.Read(SharedProfiles.Folder());
        var study = new StaticBatchStudy(ProfileCatalog.Hardware(device));
        StaticBatchSample[] fitted = [.. samples.Where(sample => sample.Device == device && sample.Engine == engine && StaticBatchFit.IsFitted(sample))];

        HostTimes again = StaticBatchFit.Run(study, samples, device, engine);

        Assert.That(Error(engine == "vllm" ? StaticBatchStudy.Vllm : StaticBatchStudy.TensorRt) - Error(again), Is.LessThan(0.02));

        double Error(HostTimes host) => study.Predict(fitted, host).Zip(fitted, (seconds, sample) => Math.Abs((seconds / sample.Seconds) - 1)).Average();
    }

    [Test]
    public void Judge_PickFarFromTheBest_IsNotClose()
    {
        RankOption[] options = [new("a", 1, 2), new("a", 1.04, 1), new("b", 1, 2), new("b", 1.2, 1), new("alone", 1, 1)];

        RankResult result = RankResult.Judge("which", options);

        Assert.Multiple(() =>
        {
            Assert.That(result.Workloads, Is.EqualTo(2));
            Assert.That(result.Close, Is.EqualTo(1));
            Assert.That(result.ByChance, Is.EqualTo(1.5));
            Assert.That(result.MeanLoss, Is.EqualTo(0.12).Within(1e-9));
        });
    }
}
