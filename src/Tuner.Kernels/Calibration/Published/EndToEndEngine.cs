using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>From a row of the served benchmarks to the engine that ran it.</summary>
internal static class EndToEndEngine
{
    /// <summary>The engine; null where the cost model does not cover the row.</summary>
    /// <param name="sample">The row.</param>
    public static EngineSpec? For(EndToEndSample sample)
    {
        // The four rows with an expert degree of 0 were measured through Dynamo, whose router and settings are not known.
        if (sample.Weights is not { } format || sample.ExpertParallel < 1 || sample.DataParallel < 1 || Shape(sample.Model) is not { } model)
            return null;
        bool fp4 = format == KernelPrecision.NvFp4;

        // TensorRT-LLM keeps the cache of an FP8 checkpoint in FP8 unless told otherwise. Rows of MiniMax-M2.5 under vLLM 0.19 begin to queue at
        // twice the cached tokens that 16 bits leave room for (900 thousand on two GPUs in FP8), those under 0.17 at once.
        bool kv8 = (format == KernelPrecision.Fp8 && sample.EngineName == "trtllm") || (model.Experts > 0 && !sample.Engine.StartsWith("vllm 0.17", StringComparison.Ordinal));
        var engine = new EngineSpec(model, sample.Tensor, 1, fp4 ? PrecisionMode.Fp8Fp4 : PrecisionMode.Fp8, kv8, null, 0) { Weights = fp4 ? KernelPrecision.Fp8 : format };
        if (model.Experts == 0)
            return sample.DataParallel == 1 ? engine : null;

        // Rows with data-parallel attention are named after as many GPUs as their tp column says ("tp4_ep4"), each a group of its own that
        // holds its part of the experts; the table's ep column, tp times dp, counts them twice.
        return sample.DataParallel == 1
            ? engine with { ExpertParallel = sample.ExpertParallel }
            : engine with { TensorParallel = 1, DataParallel = sample.DataParallel, ExpertParallel = sample.DataParallel };
    }

    private static ModelSpec? Shape(string name)
    {
        try
        {
            return ProfileCatalog.Model(name);
        }
        catch (ScenarioFormatException)
        {
            return null;
        }
    }
}
