using BenchmarkDotNet.Attributes;
using Tuner.Env;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Bench;

/// <summary>One decision of a policy of the size training makes (two hidden layers of 64), from metrics to settings, in the managed runtime.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class DecisionBenchmarks
{
    private const int Windows = 256;

    private readonly WindowMetrics[] windows = new WindowMetrics[Windows];
    private readonly KnobMask[] masks = new KnobMask[Windows];
    private readonly float[] observation = new float[ObservationSchema.FieldCount];
    private readonly float[] logits = new float[KnobSpace.LogitCount];
    private KnobSettings settings;
    private TunerPolicy policy = null!;
    private PolicyNetwork network = null!;

    [GlobalSetup]
    public void Prepare()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        settings = scenario.DefaultSettings;
        TrafficTrace trace = TrafficTrace.Load(TrafficPresets.Open("conversation", seed: 1, 10 * (Windows + 2), rate: 5));
        var rules = new KnobRules(scenario);
        var cluster = new ServingCluster(scenario, new EngineCostCache(scenario), trace, settings);
        for (int i = 0; i < Windows; i++)
        {
            cluster.Advance(10 * (i + 1));
            windows[i] = cluster.TakeWindow();
            masks[i] = rules.Mask(settings, windows[i]);
        }

        RandomStream random = RandomStream.For(1, "weights");
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(0.15 * random.NextGaussian()))];
        network = new PolicyNetwork([
            new DenseLayer(Draw(64 * ObservationSchema.FieldCount), Draw(64)), new DenseLayer(Draw(64 * 64), Draw(64)), new DenseLayer(Draw(64 * KnobSpace.LogitCount), Draw(KnobSpace.LogitCount))]);

        // Wide enough that the policy does not hold still for traffic unlike its training.
        float[] variance = new float[ObservationSchema.FieldCount];
        Array.Fill(variance, 100);
        policy = new TunerPolicy(network, new ObservationNormalizer(new float[variance.Length], variance, 10), new ObservationEncoder(scenario.Knobs, scenario.Objective, scenario.Quality.Budget), scenario.Knobs);
    }

    /// <summary>Encode, normalise, mask, run the network, choose.</summary>
    [Benchmark(OperationsPerInvoke = Windows)]
    public int Decide()
    {
        int changed = 0;
        for (int i = 0; i < Windows; i++)
            changed += policy.Decide(windows[i], settings, masks[i]) == settings ? 0 : 1;
        return changed;
    }

    /// <summary>The network alone.</summary>
    [Benchmark]
    public float Forward()
    {
        network.Forward(observation, logits);
        return logits[0];
    }
}
