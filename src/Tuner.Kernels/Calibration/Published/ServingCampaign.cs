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

    /// <summary>
    /// InferenceX's client and MiniMax's tokenizer take about 15 ms a request, one after another: time to first token grows by 0.75 ms with each
    /// request in flight, half of the first burst's wait spread over ten rounds. Not vLLM's own time: it served Llama on H200 at 8 ms a request.
    /// </summary>
    private const double InferenceXRequestSeconds = 0.015;

    /// <summary>Whether first tokens say something about the engine: not where an unknown share of the prompts came from a cache.</summary>
    public static bool PromptsWereProcessed(EndToEndSample sample) => !(sample.Device == "h200" && sample.EngineName == "vllm");

    /// <summary>How a benchmark is played.</summary>
    /// <param name="sample">The benchmark.</param>
    /// <param name="profile">The GPU.</param>
    /// <param name="kernels">The engine's kernels and schedule.</param>
    /// <param name="engine">How it runs the model.</param>
    public static ClosedLoopOptions Options(EndToEndSample sample, HardwareProfile profile, EngineKernels kernels, EngineSpec engine)
    {
        ClosedLoopOptions options = ClosedLoopOptions.For(kernels, sample.InFlight, sample.PromptTokens);
        double utilization = MemoryPlanner.Utilization;
        if (sample.Model.Contains("MiniMax", StringComparison.Ordinal))
        {
            // InferenceX, minimaxm2.5_fp8_b200.sh: ten requests for each in flight, of 80 to 100 % of the length (RANDOM_RANGE_RATIO 0.8), 0.95 of
            // the memory, vLLM's default budget of 8192 tokens.
            options = options with { TokenBudget = 8192, Rounds = 10, LengthSpread = 0.2, FrontEnd = kernels.FrontEnd with { RequestSeconds = InferenceXRequestSeconds } };
            utilization = 0.95;
        }

        // Rows of Llama-3.1-8B under TensorRT-LLM: time to first token holds a share 1/b of a request's time at every b, those of Qwen3-32B
        // do not. The engine had a place fewer than there were requests.
        bool placeShort = sample.EngineName == "trtllm" && sample.Model.Contains("Llama-3.1-8B", StringComparison.Ordinal) && sample.InFlight > 1;
        return options with
        {
            MaxSequences = placeShort ? sample.InFlight - 1 : sample.InFlight,
            TokenBudget = engine.DataParallel * options.TokenBudget, // every attention group fills steps of its own
            KvTokens = MemoryPlanner.Plan(profile, engine, options.TokenBudget, bothPrecisionsResident: false, utilization).KvTokens, // of all groups
            CachedShare = PromptsWereProcessed(sample) ? 0 : CachedShare,
        };
    }
}
