using Tuner.Agent.Imitation;
using Tuner.Agent.Ppo;
using Tuner.Env;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Rewards;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary>Where learning begins: fixed settings that suit the training traffic, kind by kind and load by load.</summary>
/// <param name="Mix">The traffic.</param>
/// <param name="StaticBest">The best fixed setting on the user's traffic alone.</param>
/// <param name="Portfolio">A few settings that together suit all of the mix.</param>
internal sealed record WarmStart(TrainingMix Mix, KnobSettings StaticBest, Portfolio Portfolio)
{
    private const double SearchSeconds = 900;
    private const double BeyondDefault = 1.25;
    private const int SearchContexts = 5;
    private const int LessonContexts = 112;

    /// <summary>What a window is worth, in teaching and in training.</summary>
    public static RewardOptions Rewards { get; } = new();

    /// <summary>Episodes of the training mix.</summary>
    public ServingEnvironmentOptions Environment => new() { StartSettings = Portfolio.Settings, RandomStartShare = 0.1, EpisodeWindows = 120 };

    /// <summary>Searches the training traffic alone.</summary>
    public static WarmStart Find(EngineCostCache costs, IReadOnlyList<TrafficTrace> own, double ownShare, IReadOnlyList<string> without, ulong seed, CancellationToken cancellation)
    {
        TrainingMix mix = LiveProgress.Run("measuring what the default carries", _ => TrainingMix.Prepare(costs, own, ownShare, without, seed, cancellation));
        TrafficTrace[] loaded =
        [
            .. mix.Training.Take(own.Count).Select(source =>
                source.Trace.Slice(0, Math.Min(source.Trace.DurationSeconds, SearchSeconds)).Scaled(BeyondDefault * Math.Sqrt(source.MinRateScale * source.MaxRateScale / 0.64), seed)),
        ];
        KnobSettings best = LiveProgress.Run("searching the best fixed setting", report => GridSearch.Run(costs, loaded, report, cancellation))[0].Settings;
        TrafficContext[] contexts = TrafficContext.DrawEach(mix.Training, mix.Training.Count == own.Count ? Math.Max(SearchContexts, LessonContexts / 4 / own.Count) : SearchContexts, seed, "search-contexts");
        Portfolio portfolio = LiveProgress.Run("searching a portfolio", report => PortfolioSearch.Run(costs, contexts, [best], report, cancellation));
        return new WarmStart(mix, best, portfolio);
    }

    /// <summary>An apprentice taught which setting of the portfolio suits which traffic.</summary>
    public Apprentice Teach(EngineCostCache costs, PpoOptions options, ulong seed, CancellationToken cancellation)
    {
        TrafficContext[] contexts = TrafficContext.Draw(Mix.Training, LessonContexts, seed, "lesson-contexts");
        ContextTeacher[] teachers = LiveProgress.Run("choosing settings for lessons", report => PortfolioSearch.Teachers(costs, contexts, Portfolio, Rewards.PlentyQualityPrice, report, cancellation));
        Lesson[] lessons = [.. contexts.Zip(teachers, (context, teacher) => new Lesson(context.Trace, teacher, [costs.Scenario.DefaultSettings, .. Portfolio.Settings]))];
        return LiveProgress.Run("teaching", report => Apprenticeship.Run(costs, lessons, Rewards.PlentyWindows, options, seed, report, cancellation));
    }
}
