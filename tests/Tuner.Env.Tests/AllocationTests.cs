using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Env;

public sealed class AllocationTests
{
    private const int WarmUp = 100;
    private const int Measured = 100;

    [Test]
    public void Step_HoldingStill_AllocatesNothing([Values(false, true)] bool prefixes)
    {
        ServingEnvironment environment = Environment(prefixes);
        float[] observation = new float[environment.ObservationSpace.Length];
        bool[] mask = new bool[environment.ActionSpace.TotalSize];
        double[] info = new double[environment.InfoNames.Count];
        int[] hold = new int[environment.ActionSpace.HeadCount];
        environment.Reset(1, null, observation);

        Assert.That(BytesOf(() =>
        {
            environment.WriteHold(hold);
            environment.Step(hold, observation);
            environment.WriteActionMask(mask);
            environment.WriteInfo(info);
        }), Is.Zero, $"bytes over {Measured} windows");
    }

    [Test]
    public void Step_FlatHold_AllocatesNothing()
    {
        var environment = new FlatActionEnvironment(Environment(false), ServingActions.All);
        float[] observation = new float[environment.ObservationSpace.Length];
        bool[] mask = new bool[environment.ActionSpace.TotalSize];
        int[] hold = [0];
        environment.Reset(1, null, observation);

        Assert.That(BytesOf(() =>
        {
            environment.Step(hold, observation);
            environment.WriteActionMask(mask);
        }), Is.Zero, $"bytes over {Measured} windows");
    }

    [Test]
    public void Decide_EveryWindow_AllocatesNothing()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        var cluster = new ServingCluster(scenario, Lab.Costs(scenario), Traffic(false), scenario.DefaultSettings);
        var rules = new KnobRules(scenario);
        var encoder = new ObservationEncoder(scenario.Knobs, scenario.Objective, scenario.Quality.Budget);
        var policy = new TunerPolicy(FirstOfEveryHead(), NothingUnseen(), encoder, scenario.Knobs);

        Assert.That(BytesOf(() =>
        {
            cluster.Advance(cluster.NowSeconds + 10);
            WindowMetrics window = cluster.TakeWindow();
            KnobMask mask = rules.Mask(cluster.Settings, window);
            cluster.Change(rules.Resolve(cluster.Settings, policy.Decide(window, cluster.Settings, mask)));
        }), Is.Zero, $"bytes over {Measured} windows");
        Assert.That(cluster.Switches, Is.GreaterThan(0), "the policy decided while warming up, and then held what it had reached");
    }

    private static ServingEnvironment Environment(bool prefixes)
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        var options = new ServingEnvironmentOptions { EpisodeWindows = WarmUp + Measured, MinRateScale = 1, MaxRateScale = 1, RandomStartShare = 0 };
        return new ServingEnvironment(Lab.Costs(scenario), [Traffic(prefixes)], options);
    }

    private static TrafficTrace Traffic(bool prefixes)
        => prefixes ? Lab.Sessions(1, 12_000, 5, 40, 12, 100_000_000) : Lab.Poisson(1, 5, 2400, 1000, 200);

    // Buffers grow to their size while warming up; what is allocated after that would be allocated for ever.
    private static long BytesOf(Action window)
    {
        for (int i = 0; i < WarmUp; i++)
            window();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Measured; i++)
            window();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Wide enough that the policy does not hold still for traffic unlike its training.</summary>
    private static ObservationNormalizer NothingUnseen()
    {
        float[] variance = new float[ObservationSchema.FieldCount];
        Array.Fill(variance, 100);
        return new ObservationNormalizer(new float[ObservationSchema.FieldCount], variance, 10);
    }

    private static PolicyNetwork FirstOfEveryHead()
        => new([new DenseLayer(new float[ObservationSchema.FieldCount * KnobSpace.LogitCount], new float[KnobSpace.LogitCount])]);
}
