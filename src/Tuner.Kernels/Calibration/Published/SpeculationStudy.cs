using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>The speculation sweep of tomasruizt/vllm-scripts d94d714: what was served, on what, and how it is predicted.</summary>
/// <remarks>
/// Qwen3-32B in 16 bits under vLLM of January 2026, greedy, InstructCoder prompts. The folder <c>results/logs-2026-01-23</c> of that repository
/// tells what its table leaves out: prompts of 7,227 tokens for 50 requests, and the tokens each KV cache held.
/// </remarks>
public sealed class SpeculationStudy
{
    /// <summary>The engine's host time of a step without speculation, fitted to the baseline rows (<see cref="SpeculationFit"/>).</summary>
    public const double HostSeconds = 0.0013;

    /// <summary>The cluster's <c>lrz-hgx-h100-94x4</c>: H100 SXM5 with HBM2e of 2.4 TB/s (Lenovo ThinkSystem product guide LP1732, "NVIDIA H100 SXM5 700W 94G HBM2e").</summary>
    private const double MemoryBytesPerSecond = 2.4e12;

    private const double MemoryBytes = 94.0 * (1 << 30);
    private const int PromptTokens = 146;
    private const int OutputTokens = 200;

    private static readonly ModelSpec Target = ProfileCatalog.Model("qwen3-32b");

    private readonly HardwareProfile variant;

    /// <param name="h100">The H100 with 80 GB that was measured.</param>
    public SpeculationStudy(HardwareProfile h100) => variant = MemoryVariant.Of(h100, "h100-94gb", MemoryBytes, MemoryBytesPerSecond);

    /// <summary>Predicts output tokens a second.</summary>
    /// <param name="samples">Rows of the sweep; only their acceptance length and settings are used.</param>
    /// <param name="hostSeconds">The engine's host time of a step.</param>
    /// <param name="speculation">What speculation adds.</param>
    public double[] Predict(IReadOnlyList<SpeculationSample> samples, double hostSeconds, SpeculationOverheads speculation)
    {
        EngineKernels vllm = variant.Engine("vllm");
        vllm = vllm with { Speculation = speculation, Overheads = vllm.Overheads with { StepSeconds = hostSeconds } };
        var costs = new MeasuredCostModel(variant with { Engines = [vllm] });
        return [.. samples.Select(sample =>
        {
            (ModelSpec? draft, int kvTokens) = Draft(sample.Draft);
            IEngineCost engine = costs.For(new EngineSpec(Target, 1, 1, PrecisionMode.Fp8, false, draft, sample.DraftTokens) { Weights = KernelPrecision.Bf16 });
            double held = kvTokens / (PromptTokens + (0.5 * OutputTokens) + sample.DraftTokens);
            return SpreadLoop.OutputTokensPerSecond(engine, Math.Min(sample.InFlight, held), PromptTokens, OutputTokens, sample.AcceptanceLength);
        })];
    }

    /// <summary>A draft and the tokens the KV cache held beside it ("GPU KV cache size" of the logs).</summary>
    private static (ModelSpec? Draft, int KvTokens) Draft(string? name) => name switch
    {
        null => (null, 69_232),
        "Qwen3-1.7B" => (ProfileCatalog.Model("qwen3-1.7b"), 32_528),
        "Qwen3-4B" => (ProfileCatalog.Model("qwen3-4b"), 18_560),

        // One layer of the target's shape and a vocabulary of 32,000: with the embedding, what loading it added to the logs' model size.
        "Qwen3-32B-speculator.eagle3" => (Target with { Name = "eagle3", Layers = 1, VocabularySize = 32_000, TiedEmbeddings = true }, 47_264),
        _ => throw new CalibrationException($"full-bench-data_qwen3-32b: draft '{name}' is unknown; Qwen3-1.7B, Qwen3-4B or Qwen3-32B-speculator.eagle3 were expected."),
    };
}
