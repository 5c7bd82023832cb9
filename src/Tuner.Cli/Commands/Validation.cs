using Tuner.Env;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Commands;

/// <summary>Chooses what to ship on traffic nothing was learned from: doing no harm is part of the job.</summary>
internal static class Validation
{
    private const double Seconds = 3600;

    /// <summary>Loads judged at, as shares of the heaviest trained on: what the best fixed setting just carries, and up to a quarter more.</summary>
    private static readonly double[] Loads = [1 / 1.5, 1.1 / 1.5, 1.25 / 1.5];

    /// <summary>Runs every candidate over every validation source.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="sources">Validation traffic.</param>
    /// <param name="candidates">What could be shipped, the safest first.</param>
    /// <param name="seed">Seed of the rate scaling.</param>
    /// <param name="report">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between runs.</param>
    /// <returns>Per candidate and source: promises kept, less what overdraws the quality budget.</returns>
    public static double[][] Score(EngineCostCache costs, IReadOnlyList<EpisodeTraffic> sources, IReadOnlyList<Candidate> candidates, ulong seed, IProgress<double>? report, CancellationToken cancellation)
    {
        Scenario scenario = costs.Scenario;
        TrafficTrace[] traces =
        [
            .. from source in sources
            from load in Loads
            select source.Trace.Slice(0, Seconds).Scaled(load * source.MaxRateScale, seed),
        ];
        double[][] scores = [.. candidates.Select(_ => new double[traces.Length])];
        int done = 0;
        Parallel.For(0, candidates.Count * traces.Length, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            Candidate candidate = candidates[i / traces.Length];
            TrafficTrace trace = traces[i % traces.Length];
            var encoder = new ObservationEncoder(scenario.Knobs, scenario.Objective, scenario.Quality.Budget);
            var policy = new TunerPolicy(candidate.Network, candidate.Normalizer, encoder, scenario.Knobs);
            RunResult run = PolicyRunner.Run(costs, trace, policy, candidate.Start, cancellation: cancellation);
            scores[i / traces.Length][i % traces.Length] = run.Attainment - Math.Max(0, run.QualityLoss - scenario.Quality.Budget);
            report?.Report(Interlocked.Increment(ref done) / (double)(candidates.Count * traces.Length));
        });
        return [.. scores.Select(row => Enumerable.Range(0, sources.Count).Select(s => Enumerable.Range(0, Loads.Length).Average(l => row[(s * Loads.Length) + l])).ToArray())];
    }

    /// <summary>The weighted mean over sources.</summary>
    public static double Mean(double[] scores, IReadOnlyList<EpisodeTraffic> sources)
        => scores.Zip(sources, (score, source) => score * source.Weight).Sum() / sources.Sum(source => source.Weight);

    /// <summary>Index of the candidate to ship: the best mean among those that harm no source; a later one only if it is better by more than noise.</summary>
    /// <param name="scores">Per candidate and source, the safest candidate first.</param>
    /// <param name="sources">The sources.</param>
    public static int Choose(IReadOnlyList<double[]> scores, IReadOnlyList<EpisodeTraffic> sources)
    {
        const double Noise = 0.001;

        // Sources with few requests decide by one or two of them.
        const double Harm = 0.015;
        int best = 0;
        for (int i = 1; i < scores.Count; i++)
        {
            bool harms = scores[i].Zip(scores[0], (own, safest) => own < safest - Harm).Any(harm => harm);
            if (!harms && Mean(scores[i], sources) > Mean(scores[best], sources) + Noise)
                best = i;
        }

        return best;
    }
}
