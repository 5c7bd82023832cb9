using Tuner.Env.Costs;
using Tuner.Env.Evaluation;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Whether the cost model picks well among served benchmarks that differ in GPUs, number format or requests in flight.</summary>
public static class ServedRanks
{
    /// <summary>Judges picks on the profile's GPU.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="samples">Benchmarks of any GPU.</param>
    public static IReadOnlyList<RankResult> Run(HardwareProfile profile, IEnumerable<EndToEndSample> samples)
    {
        (EndToEndSample Sample, ClosedLoopResult Loop)[] predicted = [.. EndToEndPredictor.Run(profile, samples).Select(prediction => (prediction.Sample, prediction.Predicted))];
        return
        [
            RankResult.Judge("GPUs and format at a number in flight, by time per token", predicted.Select(pair => new RankOption(
                $"{Workload(pair.Sample)} {pair.Sample.InFlight}", pair.Sample.TpotSeconds, pair.Loop.TpotSeconds))),
            RankResult.Judge("GPUs and format at a number in flight, by GPU time per token", predicted.Select(pair => new RankOption(
                $"{Workload(pair.Sample)} {pair.Sample.InFlight}", PerToken(pair.Sample, pair.Sample.TtftSeconds, pair.Sample.TpotSeconds), PerToken(pair.Sample, pair.Loop.TtftSeconds, pair.Loop.TpotSeconds)))),
            RankResult.Judge("GPUs, format and number in flight, by GPU time per token", predicted.Select(pair => new RankOption(
                Workload(pair.Sample), PerToken(pair.Sample, pair.Sample.TtftSeconds, pair.Sample.TpotSeconds), PerToken(pair.Sample, pair.Loop.TtftSeconds, pair.Loop.TpotSeconds)))),
        ];
    }

    private static string Workload(EndToEndSample sample) => $"{sample.Engine} {sample.Model} {sample.PromptTokens} {sample.OutputTokens}";

    /// <summary>GPU seconds an output token takes: GPUs over tokens a second.</summary>
    private static double PerToken(EndToEndSample sample, double ttft, double tpot) =>
        EndToEndEngine.For(sample)!.Gpus * (ttft + (sample.OutputTokens * tpot)) / (sample.InFlight * (double)sample.OutputTokens);
}
