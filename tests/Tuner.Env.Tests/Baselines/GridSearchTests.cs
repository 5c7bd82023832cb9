using Tuner.Env.Scenarios;

namespace Tuner.Env.Baselines;

public sealed class GridSearchTests
{
    [Test]
    public void Ranking_OneThreadOrTwo_IsTheSame()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        var traces = new[] { Lab.Poisson(1, 4, 30, 1000, 150), Lab.Sessions(2, 60, 2, 6, 4, 10_000_000) };
        IReadOnlyList<RankedSettings> one = GridSearch.Run(Lab.Costs(scenario), traces, threads: 1);
        IReadOnlyList<RankedSettings> two = GridSearch.Run(Lab.Costs(scenario), traces, threads: 2);
        Assert.That(one, Is.EqualTo(two));
        Assert.That(one, Is.Not.Empty);
        Assert.That(one.SkipWhile(result => result.WithinBudget).Any(result => result.WithinBudget), Is.False, "within the budget first");
    }
}
