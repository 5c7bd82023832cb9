using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Whether the cost model picks well among served benchmarks that differ in GPUs, number format or requests in flight.</summary>
public static class ServedRanks
{
    /// <summary>Judges picks on the profile's GPU.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="samples">Benchmarks of any GPU.</param>
    public static IReadOnlyList<RankResult> Run(HardwareProfile profile, IEnumerable<EndToEndSample> samples)
    {
        (EndToEndSample Sample, ClosedLoopResult Loop)[] predicted = [.. Predict(profile, samples)];
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
        sample.Tensor * (ttft + (sample.OutputTokens * tpot)) / (sample.InFlight * (double)sample.OutputTokens);

    private static IEnumerable<(EndToEndSample Sample, ClosedLoopResult Loop)> Predict(HardwareProfile profile, IEnumerable<EndToEndSample> samples)
    {
        foreach (EndToEndSample sample in samples.Where(sample => sample.Device == profile.Name && sample.Plain && sample.Weights is not null))
        {
            string name = sample.Engine.Split(' ')[0];
            EngineKernels kernels = profile.Engines.FirstOrDefault(engine => engine.Name == name) ?? profile.Engines[0];
            if (Shape(sample.Model) is not { Experts: 0 } shape || kernels.Gemm.All(term => term.Precision != sample.Weights))
                continue;
            var engine = new EngineSpec(shape, sample.Tensor, 1, PrecisionMode.Fp8, sample.Weights == KernelPrecision.Fp8 && name == "trtllm", null, 0) { Weights = sample.Weights!.Value };
            yield return (sample, ClosedLoop.Run(new MeasuredCostModel(profile, kernels.Name).For(engine), sample.InFlight, sample.PromptTokens, sample.OutputTokens, new ClosedLoopOptions()));
        }
    }

    private static ModelSpec? Shape(string name)
    {
        try
        {
            return ProfileCatalog.Model(name);
        }
        catch (ScenarioFormatException)
        {
            return null;
        }
    }
}
