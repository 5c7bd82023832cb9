using System.Collections.Concurrent;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Plays served benchmarks on a profile.</summary>
public static class EndToEndPredictor
{
    /// <summary>Predicts every benchmark of the profile's GPU that the cost model covers.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="samples">Benchmarks of any GPU.</param>
    /// <returns>The predictions, in the order of the samples; those not covered are left out.</returns>
    public static IReadOnlyList<EndToEndPrediction> Run(HardwareProfile profile, IEnumerable<EndToEndSample> samples)
    {
        EndToEndSample[] here = [.. samples.Where(sample => sample.Device == profile.Name)];
        Dictionary<string, (EngineKernels Kernels, MeasuredCostModel Costs)> engines = here
            .Select(sample => sample.EngineName)
            .Distinct()
            .Where(name => profile.EngineNames.Contains(name))
            .ToDictionary(name => name, name => (profile.Engine(name), new MeasuredCostModel(profile, name)));
        var predictions = new EndToEndPrediction?[here.Length];

        // Some benchmarks were run more than once: what was measured differs, the question does not.
        var played = new ConcurrentDictionary<EndToEndSample, Lazy<ClosedLoopResult>>();
        Parallel.For(0, here.Length, i =>
        {
            EndToEndSample sample = here[i];
            if (!engines.TryGetValue(sample.EngineName, out (EngineKernels Kernels, MeasuredCostModel Costs) engine) || EndToEndEngine.For(sample) is not { } spec)
                return;
            EndToEndSample question = sample with { TtftSeconds = 0, TpotSeconds = 0 };
            ClosedLoopResult predicted = played.GetOrAdd(question, _ => new Lazy<ClosedLoopResult>(() => ClosedLoop.Run(
                engine.Costs.For(spec), sample.InFlight, sample.PromptTokens, sample.OutputTokens, ServingCampaign.Options(sample, profile, engine.Kernels, spec)))).Value;
            predictions[i] = new EndToEndPrediction(sample, predicted);
        });
        return [.. predictions.OfType<EndToEndPrediction>()];
    }
}
