using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

public sealed class ClusterVariantsTests
{
    private static readonly Scenario Small = ScenarioFile.Load("llama8b-1xh100");
    private static readonly KnobSettings Drafting = Small.DefaultSettings with { Speculation = true };
    private static readonly TrafficTrace Traffic = Lab.Poisson(1, 4, 120, 800, 150);

    [Test]
    public void Around_EveryVariant_ServesAtASpeedOfItsOwn()
    {
        IReadOnlyList<EngineCostCache> all = ClusterVariants.Around(Lab.Costs(Small));
        double[] seconds = [.. all.Select(costs => PolicyRunner.Run(costs, Traffic, new FixedPolicy("drafting", Drafting), Drafting).MeanLatencySeconds)];
        Assert.That(seconds[1], Is.EqualTo(seconds[0]), "the calibrated one is there twice");
        Assert.That(seconds.Distinct().Count(), Is.EqualTo(all.Count - 1));
        Assert.That(seconds.Min(), Is.LessThan(0.95 * seconds[0]));
        Assert.That(seconds.Max(), Is.GreaterThan(1.05 * seconds[0]));
    }

    [Test]
    public void Reset_SeveralClusters_MeetsThemAllAndTheSameForASeed()
    {
        EngineCostCache usual = Lab.Costs(Small);
        var environment = new ServingEnvironment([usual, usual.Slower(3)], [new EpisodeTraffic(Traffic, 1, 1, 1)], new ServingEnvironmentOptions { EpisodeWindows = 3, RandomStartShare = 0 });
        double[] First() => [.. Enumerable.Range(0, 12).Select(i => Pace(environment, (ulong)i))];
        double[] paces = First();
        Assert.That(paces.Max(), Is.GreaterThan(2 * paces.Min()));
        Assert.That(First(), Is.EqualTo(paces));
    }

    [Test]
    public void Create_NoCluster_SaysSo()
        => Assert.That(() => new ServingEnvironment(Array.Empty<EngineCostCache>(), [new EpisodeTraffic(Traffic, 1, 1, 1)]), Throws.ArgumentException.With.Message.Contains("at least one cluster"));

    private static double Pace(ServingEnvironment environment, ulong seed)
    {
        float[] observation = new float[environment.ObservationSpace.Length];
        environment.Reset(seed, null, observation);
        double[] info = new double[environment.InfoNames.Count];
        environment.Step([0, 0, 1, 1, 0, 0, 1, 0], observation);
        environment.WriteInfo(info);
        return info[environment.InfoNames.ToList().IndexOf("tpot_p90")];
    }
}
