using Tuner.Env.Costs;
using Tuner.Env.Evaluation.Sweeping;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Tests.Evaluation.Sweeping;

public sealed class ConfigurationSweepTests
{
    private static readonly HardwareProfile Hardware = ProfileCatalog.Hardware("h200");
    private static readonly ModelSpec Model = ProfileCatalog.Model("llama-3.1-70b");

    private static readonly SweepGrid Grid = new()
    {
        Precisions = [(KernelPrecision.Bf16, PrecisionMode.Fp8), (KernelPrecision.Fp8, PrecisionMode.Fp8)],
        Tensor = [1, 4],
        Pipeline = [1, 4],
        KvCompression = [false, true],
        DraftTokens = [0],
        InFlight = [1, 16, 64],
        PromptTokens = [1024],
        OutputTokens = [256],
    };

    [Test]
    public void Run_EveryCombination_IsEvaluatedOrDoesNotFit()
    {
        var points = new List<SweepPoint>();

        int unfit = ConfigurationSweep.Run(Hardware, new MeasuredCostModel(Hardware), Model, Grid, Hardware.Engines[0], points);

        // 2 precisions × (1×1, 1×4, 4×1; 16 GPUs are too many) × 2 caches × 3 loads; 141 GB of bf16 weights do not fit one GPU.
        Assert.That(points.Count + unfit, Is.EqualTo(36));
        Assert.That(points.Any(point => point.Engine is { Weights: KernelPrecision.Bf16, Gpus: 1 }), Is.False);
        Assert.That(points, Has.All.Matches<SweepPoint>(point => point.Result.OutputTokensPerSecond > 0 && point.Engine.Gpus <= 8));
    }

    [Test]
    public void ParetoFront_OfASweep_HoldsNoPointAnotherBeats()
    {
        var points = new List<SweepPoint>();
        ConfigurationSweep.Run(Hardware, new MeasuredCostModel(Hardware), Model, Grid, Hardware.Engines[0], points);

        IReadOnlyList<SweepPoint> front = ConfigurationSweep.ParetoFront(points, 2);

        Assert.That(front, Is.Not.Empty);
        foreach (SweepPoint point in front)
        {
            Assert.That(
                points.Where(other => other.Result.TtftSeconds <= 2).Any(other => other.Result.TpotSeconds < point.Result.TpotSeconds && other.OutputTokensPerSecondAndGpu >= point.OutputTokensPerSecondAndGpu),
                Is.False);
        }
    }

    [Test]
    public void AcceptanceLength_OfThreeDraftedTokens_IsTheGeometricSum()
        => Assert.That((Grid with { Acceptance = 0.5 }).AcceptanceLength(3), Is.EqualTo(1 + 0.5 + 0.25 + 0.125));
}
