using BenchmarkDotNet.Attributes;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Bench;

/// <summary>How long the cost model takes to time a step, and to prepare an engine, for 70B over two GPUs.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class StepCostBenchmarks
{
    private readonly BatchShape[] decoding = new BatchShape[64];
    private readonly BatchShape[] mixed = new BatchShape[64];
    private HardwareProfile hardware = null!;
    private EngineSpec spec = null!;
    private IEngineCost engine = null!;

    [GlobalSetup]
    public void Prepare()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        hardware = scenario.Hardware;
        spec = new EngineSpec(scenario.Model, 2, 1, PrecisionMode.Fp8, true, null, 0);
        engine = new MeasuredCostModel(hardware).For(spec);
        for (int i = 0; i < decoding.Length; i++)
        {
            decoding[i] = new BatchShape(0, 0, 0, 0, 0, 1 + (3 * i), (1 + (3 * i)) * (300.0 + (97 * i)));
            mixed[i] = decoding[i] with { PrefillTokens = 64 + (29 * i), PrefillSequences = 2, PrefillPairs = (64.0 + (29 * i)) * (500 + (31 * i)), PrefillsCompleted = 1 };
        }
    }

    [Benchmark(OperationsPerInvoke = 64)]
    public double DecodeStep() => Sum(decoding);

    [Benchmark(OperationsPerInvoke = 64)]
    public double MixedStep() => Sum(mixed);

    [Benchmark]
    public IEngineCost PrepareEngine() => new MeasuredCostModel(hardware).For(spec);

    private double Sum(BatchShape[] batches)
    {
        double seconds = 0;
        foreach (ref readonly BatchShape batch in batches.AsSpan())
            seconds += engine.Step(batch).StageSeconds;
        return seconds;
    }
}
