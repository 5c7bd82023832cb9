using BenchmarkDotNet.Attributes;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation.Sweeping;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Bench;

/// <summary>How long a sweep over configurations of 70B takes, its engines' preparation included.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class SweepBenchmarks
{
    private readonly List<SweepPoint> points = new(32_768);
    private readonly HardwareProfile hardware = ProfileCatalog.Hardware("h200");
    private readonly ModelSpec model = ProfileCatalog.Model("llama-3.1-70b");
    private SweepGrid grid = null!;
    private MeasuredCostModel prepared = null!;

    [GlobalSetup]
    public void Prepare()
    {
        grid = new SweepGrid
        {
            Precisions = [(KernelPrecision.Bf16, PrecisionMode.Fp8), (KernelPrecision.Fp8, PrecisionMode.Fp8), (KernelPrecision.Fp8Block, PrecisionMode.Fp8), (KernelPrecision.Fp8, PrecisionMode.Fp8Fp4)],
            Tensor = [1, 2, 4, 8],
            Pipeline = [1, 2, 4],
            KvCompression = [false, true],
            DraftTokens = [0, 1, 2, 3, 4, 5],
            Draft = ProfileCatalog.Model("llama-3.2-1b"),
            InFlight = SweepGrid.CapturedBatches,
            PromptTokens = [1024],
            OutputTokens = [256],
        };
        prepared = new MeasuredCostModel(hardware);
        Run(prepared);
        Console.WriteLine($"{points.Count} configurations evaluated");
    }

    [Benchmark]
    public int Sweep() => Run(new MeasuredCostModel(hardware));

    [Benchmark]
    public int SweepWithPreparedEngines() => Run(prepared);

    private int Run(MeasuredCostModel costs)
    {
        points.Clear();
        ConfigurationSweep.Run(hardware, costs, model, grid, hardware.Engines[0], points);
        return points.Count;
    }
}
