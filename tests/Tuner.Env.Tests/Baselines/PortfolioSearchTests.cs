using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

public sealed class PortfolioSearchTests
{
    private static readonly TrafficContext[] Contexts =
        [new("short", Lab.Poisson(1, 12, 60, 300, 200), 1), new("long", Lab.Poisson(2, 1, 60, 12_000, 100), 1)];

    [Test]
    public void Run_ShortAndLongTraffic_IsAsGoodAsTheGridInEach()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");

        Portfolio portfolio = PortfolioSearch.Run(Lab.Costs(scenario), Contexts, []);

        foreach (TrafficContext context in Contexts)
        {
            double best = GridSearch.Run(Lab.Costs(scenario), [context.Trace]).Where(result => result.WithinBudget).Max(result => result.Attainment);
            double covered = portfolio.Settings.Max(settings => Lab.Run(scenario, context.Trace, settings).Attainment);
            Assert.That(covered, Is.EqualTo(best).Within(0.03), context.Source);
        }

        Assert.That(portfolio.Settings.Select(settings => scenario.QualityLoss(settings)), Is.All.LessThanOrEqualTo(scenario.Quality.Budget));
        Assert.That(portfolio.Settings, Is.Unique);
    }

    [Test]
    public void Upgrades_AtThePeakOfB200_AreLossyAndLeaveTheLayoutAlone()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xb200");
        EpisodeTraffic conversation = new(Traffic.TrafficTrace.Load(Traffic.TrafficPresets.Open("conversation", 1, 120, 40)), 1, 1, 1);
        TrafficContext[] contexts = TrafficContext.DrawEach([conversation], 1, 1, "test");
        var portfolio = new Portfolio([scenario.DefaultSettings, scenario.DefaultSettings with { Parallelism = ParallelismMode.Single }]);

        IReadOnlyList<KnobSettings> upgrades = PortfolioSearch.Upgrades(Lab.Costs(scenario), contexts, portfolio, 0.03, 2);

        Assert.That(upgrades, Is.Not.Empty, "FP4 pays on this GPU at the peak");
        Assert.That(upgrades.Select(settings => scenario.QualityLoss(settings)), Is.All.Positive);
        Assert.That(upgrades.Select(settings => settings.Parallelism), Is.SubsetOf(portfolio.Settings.Select(settings => settings.Parallelism)));
    }

    [Test]
    public void Draw_ByWeight_FollowsIt()
    {
        EpisodeTraffic[] sources = [new(Contexts[0].Trace, 9, 1, 1), new(Contexts[1].Trace, 1, 1, 1)];

        Assert.That(EpisodeTraffic.Draw(sources, 0.89).Trace, Is.SameAs(sources[0].Trace));
        Assert.That(EpisodeTraffic.Draw(sources, 0.91).Trace, Is.SameAs(sources[1].Trace));
    }
}
