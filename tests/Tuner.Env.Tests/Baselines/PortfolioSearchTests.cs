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
    public void Teachers_LossyUpgrade_LeavesTheLayoutAlone()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xb200");
        EpisodeTraffic conversation = new(Traffic.TrafficTrace.Load(Traffic.TrafficPresets.Open("conversation", 1, 120, 40)), 1, 1, 1);
        TrafficContext[] contexts = TrafficContext.DrawEach([conversation], 1, 1, "test");
        var portfolio = new Portfolio([scenario.DefaultSettings, scenario.DefaultSettings with { Parallelism = ParallelismMode.Single }]);

        ContextTeacher teacher = PortfolioSearch.Teachers(Lab.Costs(scenario), contexts, portfolio, 0.03)[0];

        Assert.That(teacher.Options.Select(option => option.Plenty.Parallelism), Is.EqualTo(teacher.Options.Select(option => option.Scarce.Parallelism)));
        Assert.That(teacher.Options.Any(option => option.Plenty.Precision == PrecisionMode.Fp8Fp4), "FP4 pays on this GPU at the peak");
        Assert.That(teacher.Want(scenario.DefaultSettings, spending: false).Precision, Is.EqualTo(PrecisionMode.Fp8));
    }

    [TestCase(0.01, ParallelismMode.Tensor), TestCase(0.1, ParallelismMode.Hybrid)]
    public void Want_OtherLayout_OnlyWhereItGainsMoreThanItCosts(double gain, ParallelismMode wanted)
    {
        var tensor = new KnobSettings(ParallelismMode.Tensor, PrecisionMode.Fp8, 3, 0, false, true, 0, false);
        KnobSettings hybrid = tensor with { Parallelism = ParallelismMode.Hybrid };
        var teacher = new ContextTeacher([new(tensor, 0.8, tensor, 0.8), new(hybrid, 0.8 + gain, hybrid, 0.8 + gain)]);

        Assert.That(teacher.Want(tensor, spending: false).Parallelism, Is.EqualTo(wanted));
    }

    [Test]
    public void Weight_MoreAtStake_IsHeavier()
    {
        var tensor = new KnobSettings(ParallelismMode.Tensor, PrecisionMode.Fp8, 3, 0, false, true, 0, false);
        ContextTeacher Teacher(double other) => new([new(tensor, 0.9, tensor, 0.9), new(tensor with { Parallelism = ParallelismMode.Hybrid }, other, tensor, other)]);

        Assert.That(Teacher(0.5).Weight, Is.GreaterThan(10 * Teacher(0.89).Weight));
    }

    [Test]
    public void Draw_ByWeight_FollowsIt()
    {
        EpisodeTraffic[] sources = [new(Contexts[0].Trace, 9, 1, 1), new(Contexts[1].Trace, 1, 1, 1)];

        Assert.That(EpisodeTraffic.Draw(sources, 0.89).Trace, Is.SameAs(sources[0].Trace));
        Assert.That(EpisodeTraffic.Draw(sources, 0.91).Trace, Is.SameAs(sources[1].Trace));
    }
}
