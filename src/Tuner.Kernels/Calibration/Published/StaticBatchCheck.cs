using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Compares the cost model with measured static batches: tensor, pipeline and hybrid parallelism, 16-bit and 8-bit formats.</summary>
public static class StaticBatchCheck
{
    /// <summary>Predicts the batches of the profile's GPU.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="samples">Batches of any GPU.</param>
    public static StaticBatchReport Run(HardwareProfile profile, IEnumerable<StaticBatchSample> samples)
    {
        StaticBatchSample[] here = [.. samples.Where(sample => sample.Device == profile.Name)];
        var study = new StaticBatchStudy(profile);
        StaticBatchSample[] covered = [.. here.Where(study.Covers)];
        (StaticBatchSample Sample, double Seconds)[] predicted =
        [
            .. covered.GroupBy(sample => sample.Engine).SelectMany(engine =>
            {
                StaticBatchSample[] batches = [.. engine];
                return batches.Zip(study.Predict(batches, engine.Key == "vllm" ? StaticBatchStudy.Vllm : StaticBatchStudy.TensorRt));
            }),
        ];
        return new StaticBatchReport(
            [.. predicted.GroupBy(pair => (Name: Name(pair.Sample), Fitted: StaticBatchFit.IsFitted(pair.Sample))).OrderBy(group => group.Key.Name, StringComparer.Ordinal).ThenByDescending(group => group.Key.Fitted)
                .Select(group => new StaticBatchError(
                    group.Key.Name,
                    group.Key.Fitted,
                    group.Count(),
                    group.Average(pair => Math.Abs((pair.Seconds / pair.Sample.Seconds) - 1)),
                    group.Average(pair => (pair.Seconds / pair.Sample.Seconds) - 1)))],
            [
                RankResult.Judge("parallelism, by time", predicted.Select(pair => new RankOption(Workload(pair.Sample), pair.Sample.Seconds, pair.Seconds))),
                RankResult.Judge("parallelism of as many GPUs, by time", predicted.Select(pair => new RankOption($"{Workload(pair.Sample)} on {pair.Sample.Gpus}", pair.Sample.Seconds, pair.Seconds))),
                RankResult.Judge("parallelism, by GPU time", predicted.Select(pair => new RankOption(Workload(pair.Sample), pair.Sample.Gpus * pair.Sample.Seconds, pair.Sample.Gpus * pair.Seconds))),
                RankResult.Judge("formats, by time", predicted.Where(pair => pair.Sample.Gpus == 1).DistinctBy(pair => pair.Sample with { Seconds = 0 }).Select(pair => new RankOption($"formats of {Workload(pair.Sample, formats: false)}", pair.Sample.Seconds, pair.Seconds))),
            ],
            here.Length - covered.Length);
    }

    private static string Name(StaticBatchSample sample) =>
        $"{sample.Engine}, weights {(sample.Weights == KernelPrecision.Bf16 ? 16 : 8)}, cache {sample.KvBits}, " + (sample.Tensor, sample.Pipeline) switch
        {
            (1, 1) => "single",
            (_, 1) => $"tensor {sample.Tensor}",
            (1, _) => $"pipeline {sample.Pipeline}",
            _ => $"hybrid {sample.Tensor} x {sample.Pipeline}",
        };

    private static string Workload(StaticBatchSample sample, bool formats = true) =>
        $"{sample.Engine} {sample.Model} {sample.Length} x {sample.Requests}" + (formats ? $" {sample.Weights} {sample.KvBits}" : "");
}
