using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>Finds the best fixed settings on given traffic.</summary>
/// <remarks>
/// Every combination of layout, precision, batch rung, KV format and draft that fits is run on the busiest part of each
/// trace; the best of each kind are then run on the whole of it, with batch waits and prefetch. The order of the list is:
/// promises met, then mean latency. Settings that overdraw the quality budget are ranked but marked.
/// </remarks>
public static class GridSearch
{
    private const double ScreeningSeconds = 240;
    private const int Finalists = 16;

    /// <summary>Searches.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="traces">The traffic, at the rate to be carried.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between runs.</param>
    /// <returns>The finalists, best first: those within the budget before those that overdraw it.</returns>
    public static IReadOnlyList<RankedSettings> Run(EngineCostCache costs, IReadOnlyList<TrafficTrace> traces, IProgress<double>? progress = null, CancellationToken cancellation = default)
        => Run(costs, traces, -1, progress, cancellation);

    /// <summary>Searches on at most so many threads, -1 for any number; the list is the same.</summary>
    internal static IReadOnlyList<RankedSettings> Run(EngineCostCache costs, IReadOnlyList<TrafficTrace> traces, int threads, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        Scenario scenario = costs.Scenario;
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = threads };
        KnobSettings[] grid = [.. KnobGrid.Of(scenario)];
        TrafficTrace[] peaks = [.. traces.Select(Busiest)];
        RankedSettings[] screened = Evaluate(costs, grid, peaks, share => progress?.Report(0.6 * share), parallel);
        IEnumerable<RankedSettings> lossless = Order(screened.Where(result => result.WithinBudget)).Take(Finalists);
        IEnumerable<RankedSettings> lossy = Order(screened.Where(result => !result.WithinBudget)).Take(Finalists / 2);
        bool prefixes = traces.Any(trace => trace.HasPrefixes);
        KnobSettings[] finalists = [.. lossless.Concat(lossy).Select(result => result.Settings)
            .Append(scenario.DefaultSettings)
            .SelectMany((settings, rank) => Variants(scenario, settings, prefixes, rank < 4))
            .Distinct()];
        RankedSettings[] ranked = Evaluate(costs, finalists, traces, share => progress?.Report(0.6 + (0.4 * share)), parallel);
        return [.. Order(ranked.Where(result => result.WithinBudget)), .. Order(ranked.Where(result => !result.WithinBudget))];
    }

    private static IEnumerable<RankedSettings> Order(IEnumerable<RankedSettings> results)
        => results.OrderByDescending(result => Math.Round(result.Attainment, 4)).ThenBy(result => result.MeanLatencySeconds);

    private static IEnumerable<KnobSettings> Variants(Scenario scenario, KnobSettings settings, bool prefixes, bool waits)
    {
        yield return settings;
        if (prefixes)
            yield return settings with { KvPrefetch = true };
        if (!waits)
            yield break;
        for (int wait = 1; wait < scenario.Knobs.BatchWaitLadder.Count; wait++)
            yield return settings with { BatchWaitLevel = wait };
    }

    private static TrafficTrace Busiest(TrafficTrace trace)
    {
        if (trace.DurationSeconds <= ScreeningSeconds)
            return trace;
        double best = 0;
        long most = -1;
        for (double from = 0; from + ScreeningSeconds <= trace.DurationSeconds; from += ScreeningSeconds / 4)
        {
            long tokens = 0;
            for (int i = trace.FirstAtOrAfter(from); i < trace.FirstAtOrAfter(from + ScreeningSeconds); i++)
                tokens += trace.PromptTokens[i] + trace.OutputTokens[i];
            if (tokens > most)
                (best, most) = (from, tokens);
        }

        return trace.Slice(best, ScreeningSeconds);
    }

    private static RankedSettings[] Evaluate(EngineCostCache costs, KnobSettings[] settings, IReadOnlyList<TrafficTrace> traces, Action<double> progress, ParallelOptions parallel)
    {
        var results = new RankedSettings[settings.Length];
        int done = 0;
        Parallel.For(0, settings.Length, parallel, i =>
        {
            results[i] = Score(costs, settings[i], traces);
            progress(Interlocked.Increment(ref done) / (double)settings.Length);
        });
        return results;
    }

    private static RankedSettings Score(EngineCostCache costs, KnobSettings settings, IReadOnlyList<TrafficTrace> traces)
    {
        double met = 0;
        double loss = 0;
        double latency = 0;
        double joules = 0;
        double requests = 0;
        double completed = 0;
        foreach (TrafficTrace trace in traces)
        {
            RunResult run = PolicyRunner.Run(costs, trace, new FixedPolicy("candidate", settings), settings);
            met += run.Attainment * trace.Count;
            requests += trace.Count;
            loss += run.QualityLoss * run.Completed;
            latency += run.MeanLatencySeconds * run.Completed;
            completed += run.Completed;
            joules += run.JoulesPerToken / traces.Count;
        }

        double meanLoss = loss / Math.Max(1, completed);
        return new RankedSettings(settings, met / Math.Max(1, requests), meanLoss, latency / Math.Max(1, completed), joules, meanLoss <= costs.Scenario.Quality.Budget + 1e-9);
    }
}
