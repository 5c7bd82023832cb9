using Tuner.Agent.Imitation;
using Tuner.Agent.Ppo;
using Tuner.Env;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
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
    private const int SearchContexts = 32;
    private const int LessonContexts = 160;

    /// <summary>Episodes of the training mix.</summary>
    public ServingEnvironmentOptions Environment => new() { StartSettings = Portfolio.Settings, RandomStartShare = 0.1 };

    /// <summary>Searches the training traffic alone.</summary>
    public static WarmStart Find(EngineCostCache costs, IReadOnlyList<TrafficTrace> own, double ownShare, IReadOnlyList<string> without, ulong seed, CancellationToken cancellation)
    {
        TrainingMix mix = LiveProgress.Run("measuring what the default carries", _ => TrainingMix.Prepare(costs, own, ownShare, without, seed, cancellation));
        TrafficTrace[] loaded =
        [
            .. mix.Training.Take(own.Count).Select(source =>
                source.Trace.Slice(0, Math.Min(source.Trace.DurationSeconds, SearchSeconds)).Scaled(BeyondDefault * Math.Sqrt(source.MinRateScale * source.MaxRateScale / 0.8), seed)),
        ];
        KnobSettings best = LiveProgress.Run("searching the best fixed setting", report => GridSearch.Run(costs, loaded, report, cancellation))[0].Settings;
        TrafficContext[] contexts = TrafficContext.Draw(mix.Training, SearchContexts, seed, "search-contexts");
        Portfolio portfolio = LiveProgress.Run("searching a portfolio", report => PortfolioSearch.Run(costs, contexts, [best], report, cancellation));
        return new WarmStart(mix, best, portfolio);
    }

    /// <summary>An apprentice taught which setting of the portfolio suits which traffic.</summary>
    public Apprentice Teach(EngineCostCache costs, PpoOptions options, ulong seed, CancellationToken cancellation)
    {
        TrafficContext[] contexts = TrafficContext.Draw(Mix.Training, LessonContexts, seed, "lesson-contexts");
        KnobSettings[] targets = LiveProgress.Run("choosing settings for lessons", report => PortfolioSearch.Choose(costs, contexts, Portfolio, report, cancellation));
        Lesson[] lessons = [.. contexts.Zip(targets, (context, target) => new Lesson(context.Trace, target, [costs.Scenario.DefaultSettings, .. Portfolio.Settings]))];
        return LiveProgress.Run("teaching", report => Apprenticeship.Run(costs, lessons, options, seed, report, cancellation));
    }

    /// <summary>The reward, with quality at the price the portfolio was found for.</summary>
    public RewardOptions Rewards(Scenario scenario)
    {
        var rewards = new RewardOptions();

        // A promise kept instead of broken is worth 1 + MissWeight; the reward's weight is per budget, not per point.
        rewards.QualityWeight = (1 + rewards.MissWeight) * Portfolio.QualityPrice * scenario.Quality.Budget;
        return rewards;
    }
}
