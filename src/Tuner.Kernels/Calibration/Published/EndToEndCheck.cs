using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Compares a profile with served benchmarks on the same kind of GPU.</summary>
public static class EndToEndCheck
{
    /// <summary>Predicts every benchmark the cost model covers.</summary>
    /// <param name="profile">The profile; its kernels were not fitted to these benchmarks, its engines' overheads to half of the configurations.</param>
    /// <param name="samples">Benchmarks of any GPU.</param>
    public static EndToEndReport Run(HardwareProfile profile, IReadOnlyList<EndToEndSample> samples)
    {
        IReadOnlyList<EndToEndPrediction> predictions = EndToEndPredictor.Run(profile, samples);
        var halves = new ConfigurationHalves(samples);
        return new EndToEndReport(
            [.. predictions
                .GroupBy(prediction => (prediction.Sample.Model, prediction.Sample.Engine, prediction.Sample.Weights, prediction.Sample.Tensor, prediction.Sample.DataParallel, prediction.Sample.ExpertParallel))
                .OrderBy(group => group.Key.Model, StringComparer.Ordinal).ThenBy(group => group.Key.Engine, StringComparer.Ordinal).ThenBy(group => group.Key.Weights).ThenBy(group => group.Key.Tensor).ThenBy(group => group.Key.DataParallel).ThenBy(group => group.Key.ExpertParallel)
                .Select(group => EndToEndError.Of(
                    $"{group.Key.Model[(group.Key.Model.LastIndexOf('/') + 1)..]}, {group.Key.Weights}, {group.First().Sample.Parallelism}".ToLowerInvariant(),
                    group.Key.Engine,
                    [.. group]))],
            [.. predictions
                .GroupBy(prediction => (prediction.Sample.EngineName, Fitted: halves.IsFitted(prediction.Sample)))
                .OrderBy(group => group.Key.EngineName, StringComparer.Ordinal).ThenByDescending(group => group.Key.Fitted)
                .Select(group => EndToEndError.Of(group.Key.Fitted ? "configurations fitted to" : "configurations kept", group.Key.EngineName, [.. group]))],
            samples.Count(sample => sample.Device == profile.Name) - predictions.Count);
    }
}
