using Tuner.Env.Costs;
using Tuner.Env.Evaluation;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Compares a profile with served benchmarks on the same kind of GPU.</summary>
public static class EndToEndCheck
{
    /// <summary>Predicts every benchmark the cost model covers.</summary>
    /// <param name="profile">The profile; nothing in it was fitted to these benchmarks.</param>
    /// <param name="samples">Benchmarks of any GPU.</param>
    /// <returns>Errors by model, engine and tensor-parallel degree, and how many benchmarks of this GPU are not covered.</returns>
    public static (IReadOnlyList<EndToEndError> Errors, int NotCovered) Run(HardwareProfile profile, IEnumerable<EndToEndSample> samples)
    {
        var models = new Dictionary<string, MeasuredCostModel>();
        var pairs = new List<(EndToEndSample Sample, ClosedLoopResult Predicted)>();
        int notCovered = 0;
        foreach (EndToEndSample sample in samples.Where(sample => sample.Device == profile.Name))
        {
            if (EndToEndEngine.For(sample) is not { } engine)
            {
                notCovered++;
                continue;
            }

            // An engine without tables of its own gets the profile's first; their kernels come from the same libraries.
            string name = sample.Engine.Split(' ')[0];
            EngineKernels kernels = profile.Engines.FirstOrDefault(engine => engine.Name == name) ?? profile.Engines[0];
            if (!models.TryGetValue(kernels.Name, out MeasuredCostModel? costs))
                models[kernels.Name] = costs = new MeasuredCostModel(profile, kernels.Name);
            pairs.Add((sample, ClosedLoop.Run(costs.For(engine), sample.InFlight, sample.PromptTokens, sample.OutputTokens, new ClosedLoopOptions())));
        }

        EndToEndError[] errors = [.. pairs
            .GroupBy(pair => (pair.Sample.Model, pair.Sample.Engine, pair.Sample.Weights, pair.Sample.Tensor, pair.Sample.DataParallel, pair.Sample.ExpertParallel))
            .OrderBy(group => group.Key.Model, StringComparer.Ordinal).ThenBy(group => group.Key.Engine, StringComparer.Ordinal).ThenBy(group => group.Key.Weights).ThenBy(group => group.Key.Tensor).ThenBy(group => group.Key.DataParallel).ThenBy(group => group.Key.ExpertParallel)
            .Select(group => new EndToEndError(
                $"{group.Key.Model[(group.Key.Model.LastIndexOf('/') + 1)..]}, {group.Key.Weights}, {group.First().Sample.Parallelism}".ToLowerInvariant(),
                group.Key.Engine,
                group.Count(),
                group.Average(pair => Math.Abs((pair.Predicted.TpotSeconds / pair.Sample.TpotSeconds) - 1)),
                group.Average(pair => (pair.Predicted.TpotSeconds / pair.Sample.TpotSeconds) - 1),
                group.Average(pair => Math.Abs((pair.Predicted.TtftSeconds / pair.Sample.TtftSeconds) - 1)),
                group.Average(pair => (pair.Predicted.TtftSeconds / pair.Sample.TtftSeconds) - 1)))];
        return (errors, notCovered);
    }
}
