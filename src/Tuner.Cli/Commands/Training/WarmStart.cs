using Tuner.Agent.Imitation;
using Tuner.Env;
using Tuner.Env.Baselines;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Training;

/// <summary>Where learning begins: fixed settings that suit the training traffic, kind by kind and load by load.</summary>
/// <param name="Mix">The traffic.</param>
/// <param name="StaticBest">The fixed setting that carries the largest load of the user's traffic.</param>
/// <param name="Portfolio">A few settings that together suit all of the mix.</param>
/// <param name="Candidates">What the teacher tries: the portfolio and its best lossy upgrades.</param>
/// <param name="Rewards">What a window is worth, in teaching and in training.</param>
internal sealed record WarmStart(TrainingMix Mix, KnobSettings StaticBest, Portfolio Portfolio, IReadOnlyList<KnobSettings> Candidates, RewardOptions Rewards)
{
    private const int SearchContexts = 5;
    private const int OwnSearchContexts = 6;
    private const int MostUpgrades = 5;

    /// <summary>Windows the teacher looks ahead: a minute, in which nearly every request ends.</summary>
    public const int Horizon = 6;

    /// <summary>What the teacher takes a request still waiting at the end of that for: a broken promise.</summary>
    private const double WaitingPrice = 1;

    /// <summary>Length of a lesson: long enough for savings to build up and be spent.</summary>
    private const double LessonSeconds = 2400;

    /// <summary>Episodes of the training mix.</summary>
    public ServingEnvironmentOptions Environment => new() { StartSettings = Portfolio.Settings, RandomStartShare = 0.1, EpisodeWindows = 120, MostSavedWindows = 300 };

    /// <summary>Searches the training traffic alone.</summary>
    public static WarmStart Find(EngineCostCache costs, IReadOnlyList<TrafficTrace> own, MixRequest request, RewardOptions rewards, ulong seed, CancellationToken cancellation)
    {
        KnobSettings best = LiveProgress.Run("searching the best fixed setting", report => SustainedSearch.Run(costs, own[0], SustainedSearch.WithinBudget(costs.Scenario), seed, report, cancellation))[0].Settings;
        TrainingMix mix = LiveProgress.Run("measuring what it carries", _ => TrainingMix.Prepare(costs, best, own, request, seed, cancellation));
        TrafficContext[] contexts = TrafficContext.DrawEach(mix.Training, mix.Training.Count == own.Count ? Math.Max(SearchContexts, OwnSearchContexts / own.Count) : SearchContexts, seed, "search-contexts");
        Portfolio portfolio = LiveProgress.Run("searching a portfolio", report => PortfolioSearch.Run(costs, contexts, [best], report, cancellation));
        IReadOnlyList<KnobSettings> upgrades = PortfolioSearch.Upgrades(costs, contexts, portfolio, rewards.PlentyQualityPrice, MostUpgrades, cancellation);
        return new WarmStart(mix, best, portfolio, [.. portfolio.Settings.Append(best).Concat(upgrades).Distinct()], rewards);
    }

    /// <summary>
    /// What to teach and train: one course with every layout tried, and where that is more than one, another that stays in static-best's. There is less to
    /// get wrong in it: a network that may move is at times led where it carries less than it would have at home.
    /// </summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="folder">Where the first keeps its files; the other has a folder below.</param>
    public IReadOnlyList<Course> Courses(Scenario scenario, string folder)
    {
        var everywhere = new Course("every layout", folder, Candidates);
        KnobSettings[] home = [.. Candidates.Select(settings => settings with { Parallelism = StaticBest.Parallelism }).Where(settings => scenario.Fits(settings)).Distinct()];
        return Candidates.All(settings => settings.Parallelism == StaticBest.Parallelism) ? [everywhere] : [everywhere, new Course("one layout", Path.Combine(folder, "one-layout"), home)];
    }

    /// <summary>An apprentice taught by a teacher who sees a minute ahead.</summary>
    /// <param name="course">What the teacher tries.</param>
    /// <param name="request">How many lessons, on which clusters, and the shape of the network; its seed decides the apprentice.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public Apprentice Teach(Course course, TrainingRequest request, CancellationToken cancellation)
    {
        var teacher = new LookAheadOptions { Candidates = course.Candidates, Horizon = Horizon, WaitingPrice = WaitingPrice, QualityPrice = Rewards.QualityPrice };
        IReadOnlyList<EngineCostCache> clusters = request.Clusters;
        KnobSettings[] starts = [request.Costs.Scenario.DefaultSettings, StaticBest, .. course.Candidates];
        Lesson[] lessons = [.. TrafficContext.Draw(Mix.Training, request.Lessons, LessonSeconds, request.Seed, "lessons").Select((context, i) => new Lesson(clusters[i % clusters.Count], context.Trace, teacher, starts))];
        return LiveProgress.Run($"teaching, {course.Name}", report => Apprenticeship.Run(lessons, request.Learning.Options, request.Seed, report, cancellation));
    }
}
