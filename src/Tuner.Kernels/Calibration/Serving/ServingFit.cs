using Tuner.Env.Costs;
using Tuner.Kernels.Calibration.Published;

namespace Tuner.Kernels.Calibration.Serving;

/// <summary>Fits what an engine adds to its kernels to served benchmarks.</summary>
/// <remarks>
/// Coordinate descent in factors: each figure in turn is tried larger and smaller, and the best is kept, until a round gains little. The loss
/// is the mean of |log(predicted / measured)|, cut off so that a benchmark which went wrong does not pull; time to first token counts half of
/// time per output token, since it varies more from one run of a benchmark to the next.
/// </remarks>
public static class ServingFit
{
    private const double LargestLoss = 0.7;
    private const double TtftWeight = 0.5;
    private const double LeastGain = 0.001;
    private const int MostRounds = 8;

    private static readonly double[] Factors = [0.5, 0.75, 0.9, 1.1, 1.33, 2];

    private static readonly (string Name, Func<EngineBehaviour, double> Get, Func<EngineBehaviour, double, EngineBehaviour> Set)[] Figures =
    [
        ("eager layer", engine => engine.EagerLayerSeconds, (engine, value) => engine with { EagerLayerSeconds = value }),
        ("step", engine => engine.StepSeconds, (engine, value) => engine with { StepSeconds = value }),
        ("launch", engine => engine.LaunchSeconds, (engine, value) => engine with { LaunchSeconds = value }),
        ("sequence", engine => engine.SequenceSeconds, (engine, value) => engine with { SequenceSeconds = value }),
        ("token", engine => engine.TokenSeconds, (engine, value) => engine with { TokenSeconds = value }),
        ("chunk", engine => engine.FrontEnd.ChunkSeconds, (engine, value) => engine with { FrontEnd = engine.FrontEnd with { ChunkSeconds = value } }),
        ("request", engine => engine.FrontEnd.RequestSeconds, (engine, value) => engine with { FrontEnd = engine.FrontEnd with { RequestSeconds = value } }),
        ("prompt token", engine => engine.FrontEnd.PromptTokenSeconds, (engine, value) => engine with { FrontEnd = engine.FrontEnd with { PromptTokenSeconds = value } }),
        ("layer", engine => engine.LayerSeconds, (engine, value) => engine with { LayerSeconds = value }),
    ];

    /// <summary>Fits an engine.</summary>
    /// <param name="start">Where to begin: what is 0 there stays 0, and its schedule is taken as it is.</param>
    /// <param name="profiles">GPUs on which it was observed.</param>
    /// <param name="samples">Benchmarks of any engine and GPU.</param>
    /// <param name="progress">Told the loss after each round.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The engine and its errors on the configurations fitted to and on those kept.</returns>
    /// <exception cref="CalibrationException">There are fewer than ten benchmarks to fit to.</exception>
    public static (EngineBehaviour Engine, IReadOnlyList<EndToEndError> Halves) Run(
        EngineBehaviour start,
        IReadOnlyList<HardwareProfile> profiles,
        IReadOnlyList<EndToEndSample> samples,
        Action<double> progress,
        CancellationToken cancellation)
    {
        EndToEndSample[] observed = [.. samples.Where(sample => sample.EngineName == start.Name)];
        var halves = new ConfigurationHalves(samples);
        EndToEndSample[] fitted = [.. observed.Where(halves.IsFitted)];
        int covered = Predict(start, profiles, fitted).Count;
        if (covered < 10)
            throw new CalibrationException($"{start.Name}: {covered} benchmarks to fit to; at least 10 were expected.");
        EngineBehaviour best = start;
        double least = Loss(best);
        for (int round = 0; round < MostRounds; round++)
        {
            double before = least;
            foreach ((_, Func<EngineBehaviour, double> get, Func<EngineBehaviour, double, EngineBehaviour> set) in Figures)
            {
                foreach (double factor in Factors)
                {
                    cancellation.ThrowIfCancellationRequested();
                    EngineBehaviour candidate = set(best, double.Parse((get(best) * factor).ToString("G3", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture));
                    double loss = Loss(candidate);
                    if (loss < least)
                        (best, least) = (candidate, loss);
                }
            }

            progress(least);
            if (before - least < LeastGain)
                break;
        }

        IReadOnlyList<EndToEndPrediction> all = Predict(best, profiles, observed);
        string source = $"fitted to every second configuration of {all.Count} served benchmarks (aiconfigurator 095f58a, silicon_sample_dev.csv)";
        EngineBehaviour engine = best with { Source = source, FrontEnd = best.FrontEnd with { Source = source } };
        return (engine, [.. all.GroupBy(prediction => halves.IsFitted(prediction.Sample)).OrderByDescending(group => group.Key)
            .Select(group => EndToEndError.Of(group.Key ? "configurations fitted to" : "configurations kept", start.Name, [.. group]))]);

        double Loss(EngineBehaviour candidate) => Predict(candidate, profiles, fitted).Average(prediction =>
            Math.Min(LargestLoss, Math.Abs(Math.Log(1 + prediction.TpotError)))
            + (ServingCampaign.PromptsWereProcessed(prediction.Sample) ? TtftWeight * Math.Min(LargestLoss, Math.Abs(Math.Log(1 + prediction.TtftError))) : 0));
    }

    private static IReadOnlyList<EndToEndPrediction> Predict(EngineBehaviour engine, IReadOnlyList<HardwareProfile> profiles, EndToEndSample[] samples) =>
        [.. profiles.SelectMany(profile => EndToEndPredictor.Run(
            profile with { Engines = [engine.On(profile.Engines.FirstOrDefault(tables => tables.Name == engine.Kernels) ?? profile.Engines[0])], Borrowers = [] },
            samples))];
}
