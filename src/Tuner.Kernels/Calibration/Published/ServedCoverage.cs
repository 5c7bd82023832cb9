using MathNet.Numerics.Statistics;
using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Checks the bands of whole benchmarks against those that were served.</summary>
public static class ServedCoverage
{
    private const double Share = 0.8;

    /// <summary>Tells, by engine and figure, how many benchmarks lie in the band that ships, and in one made without their configuration.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="samples">Benchmarks of any GPU.</param>
    public static IReadOnlyList<BandCoverage> Run(HardwareProfile profile, IEnumerable<EndToEndSample> samples)
    {
        var coverages = new List<BandCoverage>();
        foreach (IGrouping<string, EndToEndPrediction> engine in EndToEndPredictor.Run(profile, samples).GroupBy(prediction => prediction.Sample.EngineName).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var costs = new MeasuredCostModel(profile, engine.Key);
            EngineSpread shipped = EngineSpread.For(engine.Key);
            coverages.Add(Of($"time per token, {engine.Key}", [.. engine.Select(prediction => TokenTime(prediction, costs))], shipped.TokenTime));
            BandError[] first = [.. engine.Where(prediction => ServingCampaign.PromptsWereProcessed(prediction.Sample)).Select(prediction => FirstToken(prediction, costs))];
            if (first.Length > 0)
                coverages.Add(Of($"time to first token, {engine.Key}", first, shipped.FirstToken));
        }

        return coverages;
    }

    /// <summary>Coverage of one figure.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="errors">Errors of benchmarks, at least one.</param>
    /// <param name="shipped">What the engine adds to the kernels' spread in the band that ships.</param>
    public static BandCoverage Of(string what, IReadOnlyList<BandError> errors, double shipped)
    {
        int leftOut = 0;
        foreach (IGrouping<string, BandError> configuration in errors.GroupBy(error => error.Configuration))
        {
            BandError[] others = [.. errors.Where(error => error.Configuration != configuration.Key)];
            double spread = others.Length == 0 ? 0 : Spread(others);
            leftOut += configuration.Count(error => error.Lies(spread));
        }

        return new BandCoverage(what, errors.Count, Spread(errors), errors.Count(error => error.Lies(shipped)) / (double)errors.Count, leftOut / (double)errors.Count);
    }

    /// <summary>What an engine must add to the kernels' spread for 80 % of the errors to lie in the band.</summary>
    public static double Spread(IReadOnlyList<BandError> errors) =>
        Math.Sqrt(Math.Max(0, errors.Select(error => (error.Size * error.Size) - (error.Kernels * error.Kernels)).Quantile(Share)));

    private static BandError TokenTime(EndToEndPrediction prediction, MeasuredCostModel costs)
    {
        EndToEndSample sample = prediction.Sample;
        var decode = new BatchShape(0, 0, 0, 0, 0, sample.InFlight, sample.InFlight * (sample.PromptTokens + (0.5 * sample.OutputTokens)));
        return Error(sample, costs, decode, prediction.Predicted.TpotSeconds / sample.TpotSeconds);
    }

    private static BandError FirstToken(EndToEndPrediction prediction, MeasuredCostModel costs)
    {
        EndToEndSample sample = prediction.Sample;
        var prefill = new BatchShape(sample.PromptTokens, 1, 0.5 * sample.PromptTokens * sample.PromptTokens, 0, 1, 0, 0);
        return Error(sample, costs, prefill, prediction.Predicted.TtftSeconds / sample.TtftSeconds);
    }

    private static BandError Error(EndToEndSample sample, MeasuredCostModel costs, BatchShape batch, double ratio) => new(
        $"{sample.Engine} {sample.Model} {sample.Weights} {sample.Parallelism} {sample.PromptTokens} {sample.OutputTokens}",
        PredictionBand.Kernels(costs.For(EndToEndEngine.For(sample)!).Explain(batch)),
        Math.Abs(Math.Log(ratio)));
}
