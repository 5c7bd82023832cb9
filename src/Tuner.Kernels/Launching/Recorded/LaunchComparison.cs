using Tuner.Env.Simulation;

namespace Tuner.Kernels.Launching.Recorded;

/// <summary>How well launches chosen in different ways do on a recording. Shares are of the speed of the fastest configuration.</summary>
/// <param name="Chooser">The chooser, once for each seed.</param>
/// <param name="TriedShare">Configurations it tried as a share of the space, the mean over seeds.</param>
/// <param name="TimingShare">Its timings as a share of an exhaustive search that times everything three times, the mean over seeds.</param>
/// <param name="Blind">The chooser without a prior, the mean over seeds; null where it was left out.</param>
/// <param name="Random">The best of as many random configurations, the mean over seeds.</param>
/// <param name="Prior">The prior's favourite, untimed.</param>
/// <param name="Fixed">Configurations with 256 threads a block; null where there are none.</param>
/// <param name="Fullest">Configurations with the highest occupancy, what the driver's suggestion aims at.</param>
/// <param name="BestOccupancy">Occupancy of the fastest configuration.</param>
/// <param name="HighestOccupancy">The highest occupancy of any.</param>
public sealed record LaunchComparison(
    IReadOnlyList<double> Chooser,
    double TriedShare,
    double TimingShare,
    double? Blind,
    double Random,
    double Prior,
    GroupShare? Fixed,
    GroupShare Fullest,
    double BestOccupancy,
    double HighestOccupancy)
{
    private const int FixedThreads = 256;

    /// <summary>Timings of each configuration in the exhaustive search: a median needs three.</summary>
    private const int ExhaustiveTimings = 3;

    /// <summary>Compares.</summary>
    /// <param name="launches">The recording.</param>
    /// <param name="options">The chooser's options; the defaults when null.</param>
    /// <param name="seeds">How many times the chooser runs, with seeds from 1.</param>
    /// <param name="blind">Whether it also runs without a prior.</param>
    public static LaunchComparison Of(RecordedLaunches launches, LaunchChooserOptions? options, int seeds, bool blind)
    {
        LaunchSpace space = launches.Space;
        double[] times = [.. Enumerable.Range(0, space.Count).Select(i => Median(launches.Seconds(i)))];
        double best = times.Min();
        double Share(int configuration) => best / times[configuration];

        LaunchWork[] work = [.. Enumerable.Range(0, space.Count).Select(i => RecordedWork.Of(launches, i))];
        double[] prior = [.. work.Select(item => RooflinePrior.Seconds(launches.Gpu, item))];
        double[] occupancy = [.. work.Select(item => Occupancy.Of(launches.Gpu.Limits, item.Resources, item.Threads).Share)];
        int[] runs = [.. Enumerable.Range(0, space.Count).Where(i => double.IsFinite(times[i]))];
        double highest = runs.Max(i => occupancy[i]);

        var chosen = new List<double>();
        (double tried, double timings, double priorless, double random) = (0, 0, 0, 0);
        for (int seed = 1; seed <= seeds; seed++)
        {
            LaunchChoice? choice = LaunchChooser.Choose(space, new RecordedTimer(launches, (ulong)seed), i => prior[i], options, (ulong)seed);
            if (blind && LaunchChooser.Choose(space, new RecordedTimer(launches, (ulong)seed), null, options, (ulong)seed) is { } without)
                priorless += Share(without.Configuration);
            chosen.Add(choice is null ? 0 : Share(choice.Configuration));
            int budget = choice?.Tried ?? 0;
            tried += budget;
            timings += choice?.Timings ?? 0;
            RandomStream stream = RandomStream.For((ulong)seed, "random launches");
            random += Enumerable.Range(0, budget).Select(_ => Share(stream.NextInt(space.Count))).DefaultIfEmpty(0).Max();
        }

        return new LaunchComparison(
            chosen,
            tried / seeds / space.Count,
            timings / seeds / (ExhaustiveTimings * (double)space.Count),
            blind ? priorless / seeds : null,
            random / seeds,
            Share(Array.IndexOf(prior, prior.Min())),
            Group([.. runs.Where(i => work[i].Threads == FixedThreads).Select(i => times[i])], best),
            Group([.. runs.Where(i => occupancy[i] == highest).Select(i => times[i])], best)!,
            occupancy[Array.IndexOf(times, best)],
            highest);
    }

    private static GroupShare? Group(double[] times, double best)
        => times.Length == 0 ? null : new GroupShare(times.Length, best / Median(times), best / times.Min());

    private static double Median(IReadOnlyList<double> times)
    {
        double[] sorted = [.. times.Order()];
        return sorted.Length == 0 ? double.PositiveInfinity : sorted[sorted.Length / 2];
    }
}
