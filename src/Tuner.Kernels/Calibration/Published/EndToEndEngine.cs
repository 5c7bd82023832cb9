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
        if (sample.Weights is not { } format || Shape(sample.Model) is not { } model)
            return null;
        bool fp4 = format == KernelPrecision.NvFp4;

        // TensorRT-LLM keeps the cache of an FP8 checkpoint in FP8 unless told otherwise.
        bool kv8 = format == KernelPrecision.Fp8 && sample.Engine.StartsWith("trtllm", StringComparison.Ordinal);
        var engine = new EngineSpec(model, sample.Tensor, 1, fp4 ? PrecisionMode.Fp8Fp4 : PrecisionMode.Fp8, kv8, null, 0) { Weights = fp4 ? KernelPrecision.Fp8 : format };
        if (model.Experts == 0)
            return sample.DataParallel == 1 ? engine : null;

        // With data-parallel attention the benchmark's scripts start as many groups of one GPU as "tp" says (SemiAnalysisAI/InferenceX,
        // vllm launch scripts: --tensor-parallel-size 1 --data-parallel-size $TP --enable-expert-parallel), and the rows' own names count
        // those GPUs; the table's tp · dp · ep columns multiply them again.
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
