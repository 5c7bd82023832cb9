using System.ComponentModel.DataAnnotations;
using Tuner.Env.Simulation;

namespace Tuner.Kernels.Launching;

/// <summary>Chooses a kernel's launch configuration from few timings.</summary>
/// <remarks>
/// Three stages. Screen: half of the first tries are the prior's favourites, half are drawn from all over the space, so a wrong
/// prior costs half of them and no more. Search: a model of the log time is fitted to everything seen; those it expects to improve
/// most and the neighbours of the best are tried in turn. Race: the best few are timed again, each in its turn, until every other is
/// slower beyond the noise or the difference does not matter. A single lucky timing decides nothing.
/// </remarks>
public sealed class LaunchChooser
{
    /// <summary>Fits of the model in a search.</summary>
    private const int Fits = 24;

    /// <summary>Rounds of improving the model's lengths at the first fit, and how many fits lie between later ones.</summary>
    private const int FirstSweeps = 3;
    private const int SweepEvery = 3;

    /// <summary>Configurations whose uncertainty is worked out, the most likely first.</summary>
    private const int Shortlist = 200;

    /// <summary>Timings every finalist gets before any is dropped: a median of five shrugs off one or two lucky ones.</summary>
    private const int FewestTimings = 5;

    /// <summary>A failed launch counts in the model as this many times the slowest seen.</summary>
    private const double FailurePenalty = 2;

    private readonly LaunchSpace space;
    private readonly ILaunchTimer timer;
    private readonly LaunchChooserOptions options;
    private readonly RandomStream random;
    private readonly double[] logPrior;
    private readonly LaunchSurrogate surrogate;
    private readonly Dictionary<int, LaunchSamples> tried = [];
    private int timings;
    private int fits;

    private LaunchChooser(LaunchSpace space, ILaunchTimer timer, Func<int, double>? prior, LaunchChooserOptions options, ulong seed)
    {
        (this.space, this.timer, this.options) = (space, timer, options);
        random = RandomStream.For(seed, "launch chooser");
        logPrior = Logs(space.Count, prior);
        surrogate = new LaunchSurrogate(space, logPrior);
    }

    /// <summary>Chooses.</summary>
    /// <param name="space">The configurations.</param>
    /// <param name="timer">Times them.</param>
    /// <param name="prior">Seconds a configuration should take, of which only the ratios matter; null knows nothing.</param>
    /// <param name="options">How much may be timed; the defaults when null.</param>
    /// <param name="seed">Draws the screened configurations.</param>
    /// <param name="cancellation">Stops before the next timing.</param>
    /// <returns>The choice; null when nothing tried could run.</returns>
    /// <exception cref="ValidationException">An option is out of its range.</exception>
    public static LaunchChoice? Choose(
        LaunchSpace space, ILaunchTimer timer, Func<int, double>? prior = null, LaunchChooserOptions? options = null, ulong seed = 1, CancellationToken cancellation = default)
    {
        options ??= new LaunchChooserOptions();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        return new LaunchChooser(space, timer, prior, options, seed).Run(cancellation);
    }

    private LaunchChoice? Run(CancellationToken cancellation)
    {
        int tries = Math.Min(space.Count, Math.Clamp((int)(options.TriedShare * space.Count), options.LeastTried, options.MostTried));
        Screen((int)Math.Ceiling(options.ScreenShare * tries), cancellation);
        int batch = Math.Max(2, (tries - tried.Count + Fits - 1) / Fits);
        while (tried.Count < tries)
            Search(Math.Min(batch, tries - tried.Count), cancellation);
        return Race(cancellation);
    }

    private static double[] Logs(int count, Func<int, double>? prior)
    {
        double[] logs = new double[count];
        if (prior is null)
            return logs;
        double worst = double.NegativeInfinity;
        for (int i = 0; i < count; i++)
        {
            logs[i] = Math.Log(prior(i));
            if (double.IsFinite(logs[i]))
                worst = Math.Max(worst, logs[i]);
        }

        // What the prior holds impossible is tried last, not never.
        for (int i = 0; i < count; i++)
            logs[i] = double.IsFinite(logs[i]) ? logs[i] : worst + Math.Log(FailurePenalty);
        return logs;
    }

    private void Screen(int count, CancellationToken cancellation)
    {
        int[] byPrior = [.. Enumerable.Range(0, space.Count).OrderBy(i => logPrior[i])];
        int favourites = count / 2;

        // Favourites are spread over the prior's best tenth: its first few are often twins of each other.
        int best = Math.Max(favourites, space.Count / 10);
        for (int i = 0; i < favourites; i++)
            Time(byPrior[(int)((long)i * best / favourites)], cancellation);
        for (int i = favourites; i < count; i++)
        {
            // One from each of equal slices of the rest, so that no region of the prior goes unseen.
            int from = (int)((long)(i - favourites) * space.Count / (count - favourites));
            int to = (int)((long)(i - favourites + 1) * space.Count / (count - favourites));
            Time(byPrior[from + random.NextInt(Math.Max(1, to - from))], cancellation);
        }
    }

    private void Search(int count, CancellationToken cancellation)
    {
        LaunchSamples[] ran = [.. tried.Values.Where(samples => !samples.Failed).OrderBy(samples => samples.Median)];
        if (ran.Length == 0)
        {
            Screen(tried.Count + count, cancellation);
            return;
        }

        double slowest = ran[^1].Median;
        LaunchSamples[] known = [.. ran, .. tried.Values.Where(samples => samples.Failed)];
        surrogate.Fit(
            [.. known.Select(samples => samples.Configuration)],
            [.. known.Select(samples => Math.Log(samples.Failed ? FailurePenalty * slowest : samples.Median))],
            fits++ == 0 ? FirstSweeps : fits % SweepEvery == 0 ? 1 : 0);
        double[] expected = surrogate.Means();
        foreach (int done in tried.Keys)
            expected[done] = double.PositiveInfinity;
        double best = Math.Log(ran[0].Median);
        int[] likely = [.. Enumerable.Range(0, space.Count).OrderBy(i => expected[i]).Take(Math.Min(Shortlist, space.Count - tried.Count))];
        int[] promising = [.. likely.Select(i => (i, surrogate.ExpectedImprovement(i, expected[i], best))).OrderByDescending(pair => pair.Item2).Select(pair => pair.i)];
        IEnumerable<int> near = ran.SelectMany(samples => space.Neighbours(samples.Configuration).Where(i => !tried.ContainsKey(i)).OrderBy(i => expected[i]).Take(count))
            .Distinct().Take(count);
        int target = tried.Count + count;
        foreach ((int next, int neighbour) in promising.Zip(near.Concat(promising)))
        {
            if (tried.Count < target)
                Time(next, cancellation);
            if (tried.Count < target)
                Time(neighbour, cancellation);
        }
    }

    private LaunchChoice? Race(CancellationToken cancellation)
    {
        List<LaunchSamples> field = [.. tried.Values.Where(samples => !samples.Failed).OrderBy(samples => samples.Median).Take(options.Finalists)];
        bool settled = false;
        while (field.Count > 0 && !settled && field.Min(samples => samples.Count) < options.TimingsOfAFinalist)
        {
            foreach (LaunchSamples samples in field)
                Again(samples, cancellation);
            field.RemoveAll(samples => samples.Failed);
            if (field.Count == 0)
                break;
            if (field.Min(samples => samples.Count) < Math.Min(FewestTimings, options.TimingsOfAFinalist))
                continue;
            LaunchSamples leader = field.MinBy(samples => samples.Median)!;
            double upper = leader.Median * (1 + leader.HalfWidth());
            field.RemoveAll(samples => samples != leader && samples.Median * (1 - samples.HalfWidth()) > upper);
            settled = field.Count == 1 || field.TrueForAll(samples => samples.HalfWidth() < options.Indifference && samples.Median < leader.Median * (1 + options.Indifference));
        }

        if (field.MinBy(samples => samples.Median) is not { } winner)
            return null;
        double half = winner.HalfWidth();
        return new LaunchChoice(
            winner.Configuration, winner.Median, winner.Median * (1 - half), winner.Median * (1 + half), tried.Count, tried.Values.Count(samples => samples.Failed), timings, settled);
    }

    private void Time(int configuration, CancellationToken cancellation)
    {
        if (tried.ContainsKey(configuration))
            return;
        var samples = new LaunchSamples(configuration);
        tried.Add(configuration, samples);
        Again(samples, cancellation);
    }

    private void Again(LaunchSamples samples, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        samples.Add(timer.Time(samples.Configuration));
        timings++;
    }
}
