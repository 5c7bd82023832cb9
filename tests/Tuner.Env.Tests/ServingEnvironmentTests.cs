using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;

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

    private static ServingEnvironment Create(Scenario scenario)
    {
        TrafficTrace[] traces = [Lab.Poisson(1, 2 * scenario.Gpus, 500, 800, 150), Lab.Sessions(2, 300, 2, 10, 6, 10_000_000)];
        return new ServingEnvironment(Lab.Costs(scenario), traces, new ServingEnvironmentOptions { EpisodeWindows = 30 });
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
