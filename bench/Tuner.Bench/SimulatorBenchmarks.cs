using BenchmarkDotNet.Attributes;
using Tuner.Env;
using Tuner.Env.Cluster;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Bench;

/// <summary>A half hour of conversation on 70B over eight GPUs, and single environment steps, holding still.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class SimulatorBenchmarks
{
    private readonly float[] observation = new float[ObservationSchema.FieldCount];
    private readonly int[] hold = new int[KnobSpace.HeadCount];
    private EngineCostCache costs = null!;
    private TrafficTrace trace = null!;
    private ServingEnvironment environment = null!;

    [GlobalSetup]
    public void Prepare()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        costs = new EngineCostCache(scenario, new MeasuredCostModel(scenario.Hardware));
        trace = TrafficTrace.Load(TrafficPresets.Open("conversation", seed: 1, seconds: 1800, rate: 5));
        environment = new ServingEnvironment(costs, [trace], new ServingEnvironmentOptions { EpisodeWindows = 100_000, MinRateScale = 1, MaxRateScale = 1, RandomStartShare = 0 });
        KnobSpace.ActionTowards(scenario.DefaultSettings, scenario.DefaultSettings, hold);
        environment.Reset(1, null, observation);
    }

    [Benchmark]
    public double WholeTrace()
    {
        KnobSettings settings = costs.Scenario.DefaultSettings;
        return PolicyRunner.Run(costs, trace, new FixedPolicy("fixed", settings), settings).Attainment;
    }

    /// <summary>One window of 10 s at 5 requests a second; the episode restarts every 150 windows, reset included.</summary>
    [Benchmark(OperationsPerInvoke = 150)]
    public float Windows()
    {
        environment.Reset(1, null, observation);
        float sum = 0;
        for (int i = 0; i < 150; i++)
            sum += environment.Step(hold, observation).Reward;
        return sum;
    }
}
