using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;

namespace Tuner.Cli.Commands.Training;

/// <summary>Chooses what to ship on traffic nothing was learned from: doing no harm is part of the job.</summary>
internal static class Validation
{
    private const double Seconds = 7200;
    private const double Resolution = 0.02;

    /// <summary>Under a twentieth of static-best's load a candidate carries nothing, and how little is luck.</summary>
    private const double Least = 0.05;

    /// <summary>Beyond twice static-best's load it is that which carries nothing.</summary>
    private const double Most = 2;

    /// <summary>
    /// Static-best was found on the user's traffic. On another kind nearly anything may carry more, and one such kind would outweigh all that is won or lost on the user's:
    /// there more than this is worth no more, but between equals.
    /// </summary>
    private const double MostElsewhere = 1.02;

    /// <summary>Means over all sources nearer than this are equal: each load is found to 2 %.</summary>
    private const double Noise = 0.005;

    /// <summary>The same for means over the user's traffic, usually six days.</summary>
    private const double NoiseOwn = 0.01;

    /// <summary>The same where other kinds count in full, of each of which there is an hour or two.</summary>
    private const double NoiseElsewhere = 0.02;

    /// <summary>The load each candidate carries on each validation source, as a multiple of what the first of them carries.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="sources">Validation traffic.</param>
    /// <param name="candidates">What could be shipped, static-best first.</param>
    /// <param name="seed">Seed of the rate scaling.</param>
    /// <param name="report">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between runs.</param>
    /// <returns>Per candidate and source, 0.05 to 2.</returns>
    public static double[][] Score(EngineCostCache costs, IReadOnlyList<HeldOutTraffic> sources, IReadOnlyList<Candidate> candidates, ulong seed, IProgress<double>? report, CancellationToken cancellation)
    {
        Scenario scenario = costs.Scenario;
        TrafficTrace[] traces = [.. sources.Select(source => source.Trace.Slice(0, Seconds))];
        double[][] loads = [.. candidates.Select(_ => new double[traces.Length])];
        int done = 0;
        var parallel = Cores.Each(cancellation);
        Parallel.For(0, traces.Length, parallel, source => Carry(0, source, sources[source].Carried));
        Parallel.For(traces.Length, candidates.Count * traces.Length, parallel, i => Carry(i / traces.Length, i % traces.Length, Math.Max(0.01, loads[0][i % traces.Length])));
        return [.. loads.Select(row => row.Zip(loads[0], (load, reference) => reference > 0 ? Math.Clamp(load / reference, Least, Most) : 1).ToArray())];

        void Carry(int candidate, int source, double guess)
        {
            Candidate one = candidates[candidate];
            loads[candidate][source] = SustainedLoad.Find(costs, traces[source], () => scenario.PolicyOf(one.Network, one.Normalizer), seed, one.Start, guess, Resolution, cancellation);
            report?.Report(Interlocked.Increment(ref done) / (double)(candidates.Count * traces.Length));
        }
    }

    /// <summary>The weighted geometric mean over the sources that training met the like of, other kinds than the user's counted up to 1.02.</summary>
    /// <param name="scores">A candidate's scores.</param>
    /// <param name="sources">The sources.</param>
    public static double Mean(double[] scores, IReadOnlyList<HeldOutTraffic> sources) => Mean(scores, sources, Met, MostElsewhere, lossWeight: 1);

    /// <summary>Index of the candidate to ship: the best cautious mean; of equals the one that carries most of the user's traffic, of equals in that too most of other kinds, and then the first.</summary>
    /// <remarks>
    /// In the cautious mean what is lost counts twice: nobody who leaves a fixed setting for a policy wants a day on which it carries less.
    /// Kinds that training never met are shown and decide nothing: a policy is shipped for traffic like that it learned from.
    /// </remarks>
    /// <param name="scores">Per candidate and source, the safest candidate first.</param>
    /// <param name="sources">The sources.</param>
    public static int Choose(IReadOnlyList<double[]> scores, IReadOnlyList<HeldOutTraffic> sources)
    {
        double[] cautious = [.. scores.Select(row => Mean(row, sources, Met, MostElsewhere, lossWeight: 2))];
        double[] own = [.. scores.Select(row => Mean(row, sources, source => source.Kind == HeldOutKind.Own, Most, lossWeight: 2))];
        double[] everywhere = [.. scores.Select(row => Mean(row, sources, Met, Most, lossWeight: 2))];
        IEnumerable<int> equals = BestOf(Enumerable.Range(0, scores.Count), cautious, Noise);
        return BestOf(BestOf(equals, own, NoiseOwn), everywhere, NoiseElsewhere).First();

        static IEnumerable<int> BestOf(IEnumerable<int> candidates, double[] means, double noise)
        {
            double most = candidates.Max(i => means[i]);
            return candidates.Where(i => means[i] >= most - noise);
        }
    }

    private static bool Met(HeldOutTraffic source) => source.Met;

    private static double Mean(double[] scores, IReadOnlyList<HeldOutTraffic> sources, Func<HeldOutTraffic, bool> counts, double mostElsewhere, double lossWeight)
    {
        double sum = 0;
        double weights = 0;
        foreach ((double score, HeldOutTraffic source) in scores.Zip(sources))
        {
            if (!counts(source))
                continue;
            double gain = Math.Log(source.Kind == HeldOutKind.Own ? score : Math.Min(mostElsewhere, score));
            sum += source.Weight * (gain < 0 ? lossWeight : 1) * gain;
            weights += source.Weight;
        }

        return weights > 0 ? Math.Exp(sum / weights) : 1;
    }
}
