using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Env.Cluster;

public sealed class DraftLuckTests
{
    private static readonly double[] Survival = [0.7, 0.7 * 0.6, 0.7 * 0.6 * 0.5];

    [Test]
    public void Steps_OverManyRequests_AverageToTheAcceptanceLength()
    {
        const int Tokens = 2000;
        double steps = Enumerable.Range(0, 500).Average(request => (double)DraftLuck.Steps(Survival, Tokens, 1, request));
        Assert.That(Tokens / steps, Is.EqualTo(1 + Survival.Sum()).Within(0.5).Percent);
    }

    [Test]
    public void Steps_OfShortAnswers_Scatter()
    {
        int[] steps = [.. Enumerable.Range(0, 1000).Select(request => DraftLuck.Steps(Survival, 40, 1, request))];
        double mean = steps.Average();
        double deviation = Math.Sqrt(steps.Average(each => (each - mean) * (each - mean)));

        // Renewal theory: the number of steps has variance n · σ² / μ³ for steps of mean μ and variance σ².
        double mu = 1 + Survival.Sum();
        double second = (1 * (1 - Survival[0])) + (4 * (Survival[0] - Survival[1])) + (9 * (Survival[1] - Survival[2])) + (16 * Survival[2]);
        Assert.That(deviation, Is.EqualTo(Math.Sqrt(40 * (second - (mu * mu)) / Math.Pow(mu, 3))).Within(15).Percent);
    }

    [Test]
    public void Steps_SameRequestAndSeed_AreTheSame()
    {
        Assert.That(DraftLuck.Steps(Survival, 300, 7, 5), Is.EqualTo(DraftLuck.Steps(Survival, 300, 7, 5)));
        Assert.That(Enumerable.Range(0, 20).Select(seed => DraftLuck.Steps(Survival, 300, (ulong)seed, 5)).Distinct().Count(), Is.GreaterThan(3));
    }

    [Test]
    public void Acceptance_SeenInWindows_IsThatOfTheTrafficsClass()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        foreach (TrafficClass kind in (TrafficClass[])[TrafficClass.Chat, TrafficClass.Code])
        {
            RunResult run = Lab.Run(scenario, Lab.Poisson(3, 4, 300, 500, 400, kind), scenario.DefaultSettings with { Speculation = true });
            double seen = run.Windows.Where(window => window.OutputTokensPerSecond > 100).Average(window => window.DraftAcceptance);
            double expected = (scenario.Drafts[0].AcceptanceLength(kind) - 1) / scenario.Drafts[0].Tokens;
            Assert.That(seen, Is.EqualTo(expected).Within(2).Percent);
        }
    }
}
