using System.Globalization;
using Tuner.Agent.Ppo;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Agent.Imitation;

/// <summary>Teaches a network which settings suit which traffic, by running it (DAgger; Ross, Gordon and Bagnell, arXiv:1011.0686).</summary>
/// <remarks>
/// First the teacher drives, then the apprentice, and the teacher says at every window what it would have done: so the
/// apprentice also learns what to do in the places its own mistakes lead to.
/// </remarks>
public static class Apprenticeship
{
    private const int Rounds = 3;

    /// <summary>About thirty passes over all examples: with a third of it the network still learned, with three times as much it learned them by heart.</summary>
    internal const int StepsARound = 2000;

    /// <summary>Runs the lessons.</summary>
    /// <param name="lessons">The lessons, all of one scenario; at least one.</param>
    /// <param name="options">Shape of the network.</param>
    /// <param name="seed">Same seed, same apprentice.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static Apprentice Run(IReadOnlyList<Lesson> lessons, PpoOptions options, ulong seed, IProgress<double>? progress = null, CancellationToken cancellation = default)
        => Run(lessons, options, seed, null, progress, cancellation);

    /// <summary>Runs the lessons for somebody who wants to hear them.</summary>
    /// <param name="lessons">The lessons, all of one scenario; at least one.</param>
    /// <param name="options">Shape of the network.</param>
    /// <param name="seed">Same seed, same apprentice.</param>
    /// <param name="heard">Receives each round's examples, what makes its driver, and the stream that drew its starts; what it draws there changes no lesson.</param>
    /// <param name="progress">Receives the share done, 0 to 1.</param>
    /// <param name="cancellation">Stops between runs.</param>
    internal static Apprentice Run(IReadOnlyList<Lesson> lessons, PpoOptions options, ulong seed, Action<Demonstrations[], Func<ITuningPolicy>?, RandomStream>? heard, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var examples = new Demonstrations(KnobSpace.HeadSizes.ToArray());
        Apprentice? apprentice = null;
        for (int round = 0; round < Rounds; round++)
        {
            RandomStream starts = RandomStream.For(seed, string.Create(CultureInfo.InvariantCulture, $"lessons/{round}"));
            Func<ITuningPolicy>? driver = apprentice is { } clone ? () => lessons[0].Costs.Scenario.PolicyOf(clone.Network, clone.Normalizer) : null;
            Demonstrations[] seen = Collect(lessons, driver, starts, cancellation);
            heard?.Invoke(seen, driver, starts);
            foreach (Demonstrations each in seen)
                examples.Add(each);
            apprentice = Cloning.Fit(options, examples, StepsARound, seed, cancellation);
            progress?.Report((round + 1.0) / Rounds);
        }

        return apprentice!;
    }

    /// <summary>What the teacher says at every other window of each lesson.</summary>
    /// <param name="lessons">The lessons.</param>
    /// <param name="driver">Makes the policy that decides, one a lesson; null lets the teacher decide.</param>
    /// <param name="starts">Draws the settings each lesson begins with.</param>
    /// <param name="cancellation">Stops between runs.</param>
    internal static Demonstrations[] Collect(IReadOnlyList<Lesson> lessons, Func<ITuningPolicy>? driver, RandomStream starts, CancellationToken cancellation = default)
    {
        Scenario scenario = lessons[0].Costs.Scenario;
        KnobSettings[] from = [.. lessons.Select(lesson => lesson.Starts[starts.NextInt(lesson.Starts.Count)])];
        var seen = new Demonstrations[lessons.Count];
        Parallel.For(0, lessons.Count, Cores.Each(cancellation), i =>
        {
            var recording = new RecordingPolicy(driver?.Invoke(), new LookAheadPolicy(lessons[i].Teacher), scenario.Knobs, scenario.NewEncoder());
            PolicyRunner.Run(lessons[i].Costs, lessons[i].Trace, recording, from[i], cancellation: cancellation);
            seen[i] = recording.Seen; // and no more of it: the teacher holds on to whole clusters
        });
        return seen;
    }
}
