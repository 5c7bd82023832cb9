using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;

namespace Tuner.Env;

public sealed class ServingEnvironmentTests
{
    public static IEnumerable<string> Shipped => ShippedConfig.Names("scenarios");

    [TestCaseSource(nameof(Shipped))]
    public void Environment_OfAShippedScenario_KeepsTheContract(string name) => Assert.That(EnvironmentChecker.Check(Create(ScenarioFile.Load(name))), Is.Empty);

    [Test]
    public void Vector_OneThreadOrTwo_SeesTheSame()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        Assert.That(Walk(scenario, 1), Is.EqualTo(Walk(scenario, 2)));
    }

    [Test]
    public void Reset_RateScale_ScalesTheArrivals()
    {
        ServingEnvironment environment = Create(ScenarioFile.Load("llama8b-1xh100"));
        float[] observation = new float[environment.ObservationSpace.Length];
        double[] info = new double[environment.InfoNames.Count];
        double[] waiting = new double[2];
        for (int i = 0; i < 2; i++)
        {
            environment.Reset(3, new Dictionary<string, double> { ["rate_scale"] = i == 0 ? 0.1 : 40 }, observation);
            environment.WriteInfo(info);
            waiting[i] = info[environment.InfoNames.ToList().IndexOf("waiting")];
        }

        Assert.That(waiting[0], Is.Zero);
        Assert.That(waiting[1], Is.GreaterThan(10));
    }

    [Test]
    public void Environment_WithTwin_KeepsTheContract()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        Assert.That(EnvironmentChecker.Check(Create(scenario, new FixedPolicy("twin", scenario.DefaultSettings))), Is.Empty);
    }

    [Test]
    public void Step_AsTheTwinWould_GainsNothing()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        (List<float> rewards, _, double service) = Drive(Create(scenario, new FixedPolicy("twin", scenario.DefaultSettings), randomStarts: 0), holds: true);
        Assert.That(rewards, Is.All.Zero);
        Assert.That(service, Is.Not.Zero);
    }

    [Test]
    public void Step_WithTwin_EarnsWhatItWouldLessWhatTheTwinDoes()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        (List<float> paired, List<float> seen, _) = Drive(Create(scenario, new FixedPolicy("twin", scenario.DefaultSettings), randomStarts: 0), holds: false);
        (List<float> alone, List<float> seenAlone, _) = Drive(Create(scenario, randomStarts: 0), holds: false);
        (List<float> twins, _, _) = Drive(Create(scenario, randomStarts: 0), holds: true);
        Assert.That(paired.Zip(alone.Zip(twins, (one, other) => one - other), (gain, difference) => Math.Abs(gain - difference)), Is.All.LessThan(1e-6));
        Assert.That(paired, Has.Some.Not.Zero);
        Assert.That(seen, Is.EqualTo(seenAlone));
    }

    private static (List<float> Rewards, List<float> Seen, double Service) Drive(ServingEnvironment environment, bool holds)
    {
        RandomStream random = RandomStream.For(1, "test-drive");
        float[] observation = new float[environment.ObservationSpace.Length];
        double[] info = new double[environment.InfoNames.Count];
        int[] action = new int[environment.ActionSpace.Sizes.Length];
        var (rewards, seen) = (new List<float>(), new List<float>());
        double service = 0;
        environment.Reset(3, null, observation);
        for (bool over = false; !over;)
        {
            if (holds)
                environment.WriteHold(action);
            else
                action = [.. environment.ActionSpace.Sizes.ToArray().Select(random.NextInt)];
            StepResult result = environment.Step(action, observation);
            rewards.Add(result.Reward);
            seen.AddRange(observation);
            environment.WriteInfo(info);
            service += info[environment.InfoNames.ToList().IndexOf("reward_service")];
            over = result.Truncated;
        }

        return (rewards, seen, service);
    }

    private static ServingEnvironment Create(Scenario scenario, ITuningPolicy? twin = null, double randomStarts = 0.25)
    {
        TrafficTrace[] traces = [Lab.Poisson(1, 2 * scenario.Gpus, 500, 800, 150), Lab.Sessions(2, 300, 2, 10, 6, 10_000_000)];
        EpisodeTraffic[] traffic = [.. traces.Select(trace => new EpisodeTraffic(trace, 1, 0.7, 1.3))];
        return new ServingEnvironment([Lab.Costs(scenario)], traffic, new ServingEnvironmentOptions { EpisodeWindows = 30, RandomStartShare = randomStarts }, twin: twin);
    }

    private static List<float> Walk(Scenario scenario, int threads)
    {
        var vector = new VectorEnvironment([.. Enumerable.Range(0, 4).Select(_ => Create(scenario))], 5, threads);
        RandomStream random = RandomStream.For(1, "test-walk");
        var seen = new List<float>();
        vector.Reset();
        for (int step = 0; step < 40; step++)
        {
            int[] actions = [.. Enumerable.Range(0, vector.Count).SelectMany(_ => vector.ActionSpace.Sizes.ToArray()).Select(random.NextInt)];
            var results = new StepResult[vector.Count];
            vector.Step(actions, results);
            seen.AddRange(results.Select(result => result.Reward));
            for (int i = 0; i < vector.Count; i++)
                seen.AddRange(vector.Observation(i));
        }

        return seen;
    }
}
