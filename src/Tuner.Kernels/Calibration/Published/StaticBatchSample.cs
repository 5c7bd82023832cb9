using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>One measured static batch.</summary>
/// <param name="Device">The GPU's short name.</param>
/// <param name="Engine">The engine: vllm or trtllm.</param>
/// <param name="Model">The model's name on its hub.</param>
/// <param name="Weights">Format of the weights; null for one the cost model does not know.</param>
/// <param name="KvBits">Bits of a cached element; 0 for a format the cost model does not know.</param>
/// <param name="Tensor">Tensor-parallel degree.</param>
/// <param name="Pipeline">Pipeline stages.</param>
/// <param name="Expert">Expert-parallel degree.</param>
/// <param name="Length">Prompt tokens, and as many output tokens, of each request.</param>
/// <param name="Requests">Requests of the batch.</param>
/// <param name="Seconds">Measured time of the batch.</param>
public sealed record StaticBatchSample(
    string Device,
    string Engine,
    string Model,
    KernelPrecision? Weights,
    int KvBits,
    int Tensor,
    int Pipeline,
    int Expert,
    int Length,
    int Requests,
    double Seconds)
{
    private const string Parallel = "Fig_5_b_TP_EP_PP_results";
    private const string Formats = "Fig_3_A100_H100_quant_all_results";

    /// <summary>GPUs the batch ran on.</summary>
    public int Gpus => Math.Max(Tensor * Pipeline, Expert);

    /// <summary>Reads <c>llm-inference-bench/</c>: the tables of parallelism and of number formats.</summary>
    /// <exception cref="CalibrationException">A table is missing or malformed.</exception>
    public static IReadOnlyList<StaticBatchSample> Read(string folder)
    {
        Table parallel = TableFile.Read(Path.Combine(folder, "llm-inference-bench", Parallel));
        string[] kinds = parallel.Text("Parallelism Type");
        int[] gpus = parallel.Integers("Num of Hardware");
        Table formats = TableFile.Read(Path.Combine(folder, "llm-inference-bench", Formats));
        string[] format = formats.Text("kv_cache_dtype");

        // A pipeline of one stage is listed beside the single GPU it is, with the same times.
        return
        [
            .. Common(parallel, "Latency", (i, sample) => Degrees(kinds[i], gpus[i], i) is var (tensor, pipeline, expert) ? sample with { Tensor = tensor, Pipeline = pipeline, Expert = expert } : sample).Distinct(),
            .. Common(formats, "latency", (i, sample) => sample with { Weights = WeightFormat(format[i]), KvBits = CacheBits(format[i]) }),
        ];
    }

    private static IEnumerable<StaticBatchSample> Common(Table table, string latency, Func<int, StaticBatchSample, StaticBatchSample> rest)
    {
        string[] device = table.Text("Hardware");
        string[] engine = table.Text("Framework");
        string[] model = table.Text("Model");
        int[] length = table.Integers("Input Output Length");
        int[] requests = table.Integers("Batch Size");
        double[] seconds = table.Numbers(latency);
        for (int i = 0; i < table.Rows; i++)
        {
            yield return rest(i, new StaticBatchSample(
                device[i].Replace("Nvidia ", "", StringComparison.Ordinal).Replace(" GPU", "", StringComparison.Ordinal).ToLowerInvariant(),
                engine[i] == "TensorRT-LLM" ? "trtllm" : engine[i].ToLowerInvariant(),
                model[i],
                KernelPrecision.Bf16,
                16,
                1,
                1,
                1,
                length[i],
                requests[i],
                seconds[i]));
        }
    }

    private static (int Tensor, int Pipeline, int Expert) Degrees(string kind, int gpus, int row) => kind switch
    {
        "TP" or "Tensor Parallelism" => (gpus, 1, 1),
        "PP" or "Pipeline Parallelism" => (1, gpus, 1),
        "EP" => (1, 1, gpus),
        "Hybrid TP = 2 and PP = 2" or "Hybird Tensor (2) and Pipeline (2) Parallelism" => (2, 2, 1),
        "Hybrid TP = 2 and EP = 2" => (2, 1, 4),
        _ => throw new CalibrationException($"{Parallel}:{row + 2}: parallelism '{kind}' is unknown; tensor, pipeline, expert or hybrid was expected."),
    };

    private static KernelPrecision? WeightFormat(string format) =>
        format.StartsWith("Weight = fp16", StringComparison.Ordinal) ? KernelPrecision.Bf16 : format.StartsWith("Weight = fp8", StringComparison.Ordinal) ? KernelPrecision.Fp8 : null;

    private static int CacheBits(string format) =>
        format.EndsWith("fp16", StringComparison.Ordinal) ? 16 : format.EndsWith("fp8", StringComparison.Ordinal) ? 8 : 0;
}
