using BenchmarkDotNet.Attributes;
using Tuner.Env;
using Tuner.Env.Cluster;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Bench;

/// <summary>Conversation at 5 requests a second on 70B over eight GPUs: half an hour at once, and single decision windows of 10 s.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class SimulatorBenchmarks
{
    private const int Windows = 1000;
    private const int WarmUp = 100;

    private readonly float[] observation = new float[ObservationSchema.FieldCount];
    private readonly int[] action = new int[KnobSpace.HeadCount];
    private EngineCostCache costs = null!;
    private KnobSettings settings;
    private TrafficTrace trace = null!;
    private TrafficTrace longTrace = null!;
    private ServingEnvironment environment = null!;
    private ServingCluster cluster = null!;
    private KnobRules rules = null!;
    private TunerPolicy policy = null!;

    [GlobalSetup]
    public void Prepare()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        costs = new EngineCostCache(scenario, new MeasuredCostModel(scenario.Hardware));
        settings = scenario.DefaultSettings;
        trace = Conversation(1800);
        longTrace = Conversation(10 * (WarmUp + Windows + 10));
        environment = new ServingEnvironment(costs, [longTrace], new ServingEnvironmentOptions { EpisodeWindows = WarmUp + Windows, MinRateScale = 1, MaxRateScale = 1, RandomStartShare = 0 });
        rules = new KnobRules(scenario);
        policy = new TunerPolicy(Untrained(), NothingUnseen(), new ObservationEncoder(scenario.Knobs, scenario.Objective, scenario.Quality.Budget), scenario.Knobs);
    }

    [IterationSetup(Targets = [nameof(WindowHoldingStill), nameof(WindowTurningAKnob)])]
    public void BeginEpisode()
    {
        environment.Reset(1, null, observation);
        environment.WriteHold(action);
        for (int i = 0; i < WarmUp; i++)
            environment.Step(action, observation);
    }

    [IterationSetup(Target = nameof(WindowWithADecision))]
    public void BeginServing()
    {
        policy.Reset();
        cluster = new ServingCluster(costs.Scenario, costs, longTrace, settings);
        for (int i = 0; i < WarmUp; i++)
            Serve();
    }

    [Benchmark]
    public double WholeTrace() => PolicyRunner.Run(costs, trace, new FixedPolicy("fixed", settings), settings).Attainment;

    /// <summary>One environment step that changes nothing: simulate, read out, encode, mask, reward.</summary>
    [Benchmark(OperationsPerInvoke = Windows)]
    public float WindowHoldingStill()
    {
        float sum = 0;
        for (int i = 0; i < Windows; i++)
            sum += environment.Step(action, observation).Reward;
        return sum;
    }

    /// <summary>The same while speculation goes on and off every window.</summary>
    [Benchmark(OperationsPerInvoke = Windows)]
    public float WindowTurningAKnob()
    {
        float sum = 0;
        for (int i = 0; i < Windows; i++)
        {
            action[(int)Knob.Speculation] = 1 - (i % 2);
            sum += environment.Step(action, observation).Reward;
        }

        return sum;
    }

    /// <summary>One window of the cluster and one decision of a policy network of the size training uses.</summary>
    [Benchmark(OperationsPerInvoke = Windows)]
    public int WindowWithADecision()
    {
        for (int i = 0; i < Windows; i++)
            Serve();
        return cluster.Switches;
    }

    private static TrafficTrace Conversation(double seconds) => TrafficTrace.Load(TrafficPresets.Open("conversation", seed: 1, seconds, rate: 5));

    /// <summary>A network of zeros: it takes the first value of every head, and so settles within a few windows.</summary>
    private static PolicyNetwork Untrained()
        => new([
            new DenseLayer(new float[64 * ObservationSchema.FieldCount], new float[64]),
            new DenseLayer(new float[64 * 64], new float[64]),
            new DenseLayer(new float[64 * KnobSpace.LogitCount], new float[KnobSpace.LogitCount]),
        ]);

    /// <summary>Wide enough that the policy does not hold still for traffic unlike its training.</summary>
    private static ObservationNormalizer NothingUnseen()
    {
        float[] variance = new float[ObservationSchema.FieldCount];
        Array.Fill(variance, 100);
        return new ObservationNormalizer(new float[ObservationSchema.FieldCount], variance, 10);
    }

    private void Serve()
    {
        cluster.Advance(cluster.NowSeconds + 10);
        WindowMetrics window = cluster.TakeWindow();
        KnobMask mask = rules.Mask(cluster.Settings, window);
        cluster.Change(rules.Resolve(cluster.Settings, policy.Decide(window, cluster.Settings, mask)));
    }
}
