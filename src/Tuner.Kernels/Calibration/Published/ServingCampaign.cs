using Tuner.Env.Costs;
using Tuner.Env.Evaluation;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>How the benchmarks of <c>silicon_sample_dev.csv</c> were run, as far as it is documented or shows in their rows.</summary>
internal static class ServingCampaign
{
    /// <summary>
    /// Prompts of vLLM's rows on H200 came from its prefix cache: 112 requests of 1000 + 100 tokens every 1.2 s would else be 1.5 PFLOP/s of an
    /// 8B model on one GPU. How much of each prompt is not known.
    /// </summary>
    private const double CachedShare = 0.99;

    /// <summary>Whether first tokens say something about the engine: not where an unknown share of the prompts came from a cache.</summary>
    public static bool PromptsWereProcessed(EndToEndSample sample) => !(sample.Device == "h200" && sample.EngineName == "vllm");

    /// <summary>How a benchmark is played.</summary>
    /// <param name="sample">The benchmark.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="memory">Its memory.</param>
    public static ClosedLoopOptions Options(EndToEndSample sample, EngineKernels engine, MemoryPlan memory)
    {
        // Rows of Llama-3.1-8B under TensorRT-LLM: time to first token holds a share 1/b of a request's time at every b, those of Qwen3-32B
        // do not. The engine had a place fewer than there were requests.
        int places = sample.EngineName == "trtllm" && sample.Model.Contains("Llama-3.1-8B", StringComparison.Ordinal) && sample.InFlight > 1 ? sample.InFlight - 1 : sample.InFlight;
        return ClosedLoopOptions.For(engine, sample.InFlight, sample.PromptTokens) with
        {
            MaxSequences = places,
            KvTokens = memory.KvTokens,
            CachedShare = PromptsWereProcessed(sample) ? 0 : CachedShare,
        };
    }
}
