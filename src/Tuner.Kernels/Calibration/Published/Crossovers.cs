using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Published findings on precision, batch size, cache compression, speculation and draft models, each to be found again in sign.</summary>
/// <remarks>Workloads are those of the source where it tells them. Acceptance lengths are the sweep's own.</remarks>
public static class Crossovers
{
    private const string AiConfigurator = "aiconfigurator 095f58a";
    private const string TensorRtDocs = "TensorRT-LLM docs, FP8 quantization";
    private const string KvBlog = "vLLM blog 2026-04-22";
    private const string MlEnergy = "ml-energy leaderboard 0cd52da";
    private const string Sweep = "vllm-scripts d94d714";
    private const string Eagle = "Qwen3-32B-speculator.eagle3";
    private const string Small = "Qwen3-1.7B";
    private const string Large = "Qwen3-4B";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Crossover> All { get; } =
    [
        new(2, "h100", "fp8 weights are quicker than bf16: time per token 14.7 to 12.4 ms", TensorRtDocs, "s",
            bench => bench.Step("llama-3.1-70b", "bf16", 4, 64, 2000), bench => bench.Step("llama-3.1-70b", "fp8", 4, 64, 2000)),
        new(2, "h100", "fp8 weights serve more: 2474 to 3390 tokens/s", TensorRtDocs, "tokens/s",
            bench => bench.Rate("llama-3.1-70b", "fp8", 4, 1024, 2048, 2048), bench => bench.Rate("llama-3.1-70b", "bf16", 4, 1024, 2048, 2048)),
        new(2, "h100", "fp8 gains more on large matrices: 1.5-1.7x on 8192 x 8192, 1.1-1.3x on 4096 x 4096", AiConfigurator, "x",
            bench => Gain(bench, 8192, "bf16", "fp8", 32), bench => Gain(bench, 4096, "bf16", "fp8", 32)),
        new(2, "b200", "fp4 is quicker than fp8 at 8 sequences: 1.24x on 8192 x 8192", AiConfigurator, "x",
            bench => Gain(bench, 8192, "fp8", "fp8-fp4", 8), _ => 1),
        new(2, "b200", "fp4 gains more at 512 rows than at 8: 1.58x, 1.24x", AiConfigurator, "x",
            bench => Gain(bench, 8192, "fp8", "fp8-fp4", 512), bench => Gain(bench, 8192, "fp8", "fp8-fp4", 8)),
        new(2, "b200", "small matrices gain less from fp4: 1.24x on 8192 x 8192, 1.03x on 4096 x 4096", AiConfigurator, "x",
            bench => Gain(bench, 8192, "fp8", "fp8-fp4", 8), bench => Gain(bench, 4096, "fp8", "fp8-fp4", 8)),
        new(2, "b200", "and so do shards: 1.29x over two GPUs, 1.25x over four, at 8 in flight (MiniMax-M2.5; here a 70B model, one and eight)", AiConfigurator, "x",
            bench => bench.Step("llama-3.1-70b", "fp8", 1, 8, 1500) / bench.Step("llama-3.1-70b", "fp8-fp4", 1, 8, 1500),
            bench => bench.Step("llama-3.1-70b", "fp8", 8, 8, 1500) / bench.Step("llama-3.1-70b", "fp8-fp4", 8, 8, 1500)),
        new(3, "h100", "512 at once serve more than 8: 9806, 1070 tokens/s", MlEnergy, "tokens/s",
            bench => bench.Rate("llama-3.1-8b", "bf16", 1, 512, 200, 400), bench => bench.Rate("llama-3.1-8b", "bf16", 1, 8, 200, 400)),
        new(3, "h100", "and each waits longer for a token: 47.4, 7.3 ms", MlEnergy, "s",
            bench => bench.Step("llama-3.1-8b", "bf16", 1, 512, 400), bench => bench.Step("llama-3.1-8b", "bf16", 1, 8, 400)),
        new(3, "h100", "doubling 8 gains more than doubling 256: 1.83x, 1.09x", MlEnergy, "x",
            bench => Doubling(bench, 8), bench => Doubling(bench, 256)),
        new(3, "h100", "joules a token fall: 0.455 at 8, 0.070 at 512", MlEnergy, "J",
            bench => bench.Joules("llama-3.1-8b", "bf16", 1, 8, 200, 100), bench => bench.Joules("llama-3.1-8b", "bf16", 1, 512, 200, 100)),
        new(3, "h100", "512 at once serve more than 64 of a 70B model: 2467, 1944 tokens/s", "TensorRT-LLM docs, Tuning max batch size", "tokens/s",
            bench => bench.Rate("llama-3.1-70b", "bf16", 4, 512, 2048, 2048), bench => bench.Rate("llama-3.1-70b", "bf16", 4, 64, 2048, 2048)),
        new(4, "h100", "an 8-bit cache serves more where memory ends: 3390 to 5300 tokens/s", TensorRtDocs, "tokens/s",
            bench => bench.Rate("llama-3.1-70b", "fp8", 4, 1024, 2048, 2048, cache8: true, "trtllm"), bench => bench.Rate("llama-3.1-70b", "fp8", 4, 1024, 2048, 2048, cache8: false, "trtllm")),
        new(4, "h100", "it is slower at short contexts: 6.44 to 6.58 ms at none", KvBlog, "s",
            bench => bench.Step("llama-3.1-8b", "bf16", 1, 1, 256, cache8: true), bench => bench.Step("llama-3.1-8b", "bf16", 1, 1, 256)),
        new(4, "h100", "it is still slower below 7,010 tokens, at 4,096", KvBlog, "s",
            bench => bench.Step("llama-3.1-8b", "bf16", 1, 1, 4096, cache8: true), bench => bench.Step("llama-3.1-8b", "bf16", 1, 1, 4096)),
        new(4, "h100", "it is quicker above, at 20,000", KvBlog, "s",
            bench => bench.Step("llama-3.1-8b", "bf16", 1, 1, 20_000), bench => bench.Step("llama-3.1-8b", "bf16", 1, 1, 20_000, cache8: true)),
        new(4, "h100", "its time grows with the context at 54 % of the rate: 2.37e-5, 4.37e-5 ms a token", KvBlog, "s/token",
            bench => Slope(bench, cache8: false), bench => Slope(bench, cache8: true)),
        new(4, "h100", "8 requests of 20,000 tokens: 450 to 518 tokens/s", KvBlog, "tokens/s",
            bench => bench.Rate("llama-3.1-8b", "bf16", 1, 8, 20_000, 1000, cache8: true), bench => bench.Rate("llama-3.1-8b", "bf16", 1, 8, 20_000, 1000)),
        new(4, "b200", "it is quicker above 4,000 tokens, at 20,000", KvBlog, "s",
            bench => bench.Step("llama-3.1-8b", "bf16", 1, 1, 20_000), bench => bench.Step("llama-3.1-8b", "bf16", 1, 1, 20_000, cache8: true)),
        new(4, "b200", "its time grows with the context more slowly: 9.72e-6, 1.80e-5 ms a token", KvBlog, "s/token",
            bench => Slope(bench, cache8: false), bench => Slope(bench, cache8: true)),
        new(4, "b200", "32 sequences of 8,192 tokens gain more than of 256: 1.84x, 0.9-1.0x (attention)", AiConfigurator, "x",
            bench => CacheGain(bench, 8192), bench => CacheGain(bench, 256)),
        new(4, "h200", "32 sequences of 8,192 tokens gain more than of 256: 1.45x, 0.9-1.0x (attention)", AiConfigurator, "x",
            bench => CacheGain(bench, 8192), bench => CacheGain(bench, 256)),
        new(5, "h100", "speculation speeds one request up: EAGLE-3, k 3, 1.95x", Sweep, "x", bench => bench.SpeedUp(Eagle, 3, 2.18, 1), _ => 1),
        new(5, "h100", "and slows 256 down: 0.84x", Sweep, "x", _ => 1, bench => bench.SpeedUp(Eagle, 3, 2.17, 256)),
        new(5, "h100", "one request: three drafted tokens beat one: 1.95x, 1.54x", Sweep, "x", bench => bench.SpeedUp(Eagle, 3, 2.18, 1), bench => bench.SpeedUp(Eagle, 1, 1.64, 1)),
        new(5, "h100", "128 requests: one beats three: 1.28x, 1.17x", Sweep, "x", bench => bench.SpeedUp(Eagle, 1, 1.64, 128), bench => bench.SpeedUp(Eagle, 3, 2.17, 128)),
        new(5, "h100", "1.7B draft, one request: five beat three: 1.99x, 1.92x", Sweep, "x", bench => bench.SpeedUp(Small, 5, 3.06, 1), bench => bench.SpeedUp(Small, 3, 2.57, 1)),
        new(5, "h100", "1.7B draft, 128 requests: three beat five: 1.03x, 0.87x", Sweep, "x", bench => bench.SpeedUp(Small, 3, 2.58, 128), bench => bench.SpeedUp(Small, 5, 3.0, 128)),
        new(6, "h100", "the smaller draft beats the larger for one request, though less is accepted: 1.92x, 1.77x", Sweep, "x", bench => bench.SpeedUp(Small, 3, 2.57, 1), bench => bench.SpeedUp(Large, 3, 2.81, 1)),
        new(6, "h100", "and for 64: 1.45x, 1.23x", Sweep, "x", bench => bench.SpeedUp(Small, 3, 2.58, 64), bench => bench.SpeedUp(Large, 3, 2.8, 64)),
        new(6, "h100", "the larger draft loses at 128: 0.71x at k 1", Sweep, "x", _ => 1, bench => bench.SpeedUp(Large, 1, 1.77, 128)),
        new(6, "h100", "where the smaller still gains: 1.04x", Sweep, "x", bench => bench.SpeedUp(Small, 1, 1.72, 128), _ => 1),
        new(6, "h100", "one layer on the target's states beats a 1.7B draft at 128: 1.28x, 1.04x at k 1", Sweep, "x", bench => bench.SpeedUp(Eagle, 1, 1.64, 128), bench => bench.SpeedUp(Small, 1, 1.72, 128)),
        new(6, "h100", "five tokens of the larger draft gain less than three, one request: 1.75x, 1.77x", Sweep, "x", bench => bench.SpeedUp(Large, 3, 2.81, 1), bench => bench.SpeedUp(Large, 5, 3.42, 1)),
    ];

    /// <summary>Predicts both sides of every finding on a profile's GPU.</summary>
    public static IReadOnlyList<CrossoverResult> Run(HardwareProfile profile)
    {
        var bench = new CrossoverBench(profile);
        return [.. All.Where(crossover => crossover.Device == profile.Name).Select(crossover => new CrossoverResult(crossover, crossover.More(bench), crossover.Less(bench)))];
    }

    private static double Gain(CrossoverBench bench, int width, string from, string to, int rows) =>
        bench.Product(width, from, rows) / bench.Product(width, to, rows);

    private static double Doubling(CrossoverBench bench, int inFlight) =>
        bench.Rate("llama-3.1-8b", "bf16", 1, 2 * inFlight, 200, 400) / bench.Rate("llama-3.1-8b", "bf16", 1, inFlight, 200, 400);

    private static double Slope(CrossoverBench bench, bool cache8) =>
        (bench.Step("llama-3.1-8b", "bf16", 1, 1, 32_000, cache8) - bench.Step("llama-3.1-8b", "bf16", 1, 1, 2000, cache8)) / 30_000;

    private static double CacheGain(CrossoverBench bench, double context) =>
        bench.Step("llama-3.1-8b", "bf16", 1, 32, context) / bench.Step("llama-3.1-8b", "bf16", 1, 32, context, cache8: true);
}
