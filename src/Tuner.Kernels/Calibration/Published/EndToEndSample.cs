using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>One served benchmark: closed loop, fixed concurrency.</summary>
/// <param name="Device">The GPU's short name.</param>
/// <param name="Engine">The engine and its version.</param>
/// <param name="Model">The model's name on its hub.</param>
/// <param name="Weights">Format of the weights; null for one the cost model does not know.</param>
/// <param name="Tensor">Tensor-parallel degree.</param>
/// <param name="DataParallel">Groups that share the sequences for attention; 1 for one.</param>
/// <param name="ExpertParallel">Parts the experts are spread over; 1 where every GPU holds a share of each, 0 where the table says 0.</param>
/// <param name="InFlight">Requests in flight, all groups together.</param>
/// <param name="PromptTokens">Prompt tokens.</param>
/// <param name="OutputTokens">Output tokens.</param>
/// <param name="TtftSeconds">Measured time to first token.</param>
/// <param name="TpotSeconds">Measured time per output token.</param>
public sealed record EndToEndSample(
    string Device,
    string Engine,
    string Model,
    KernelPrecision? Weights,
    int Tensor,
    int DataParallel,
    int ExpertParallel,
    int InFlight,
    int PromptTokens,
    int OutputTokens,
    double TtftSeconds,
    double TpotSeconds)
{
    /// <summary>The engine without its version.</summary>
    public string EngineName => Engine.Split(' ')[0];

    /// <summary>How the GPUs share the model, in words.</summary>
    public string Parallelism => DataParallel > 1 ? $"attention dp {DataParallel}, experts spread" : $"tp {Tensor}{(ExpertParallel > 1 ? $", ep {ExpertParallel}" : "")}";

    /// <summary>Reads <c>aiconfigurator/e2e/silicon_sample_dev.csv</c>.</summary>
    /// <exception cref="CalibrationException">The table is missing or malformed.</exception>
    public static IReadOnlyList<EndToEndSample> Read(string folder)
    {
        Table table = TableFile.Read(Path.Combine(folder, "aiconfigurator", "e2e", "silicon_sample_dev"));
        string[] device = table.Text("system");
        string[] engine = table.Text("backend");
        string[] version = table.Text("backend_version");
        string[] model = table.Text("model_path");
        string[] precision = table.Text("precision");
        int[] tensor = table.Integers("tp_size");
        string[] data = table.Text("attention_dp_size");
        string[] expert = table.Text("moe_ep_size");
        int[] batch = table.Integers("batch_size");
        int[] input = table.Integers("isl");
        int[] output = table.Integers("osl");
        double[] ttft = table.Numbers("silicon_ttft_ms");
        double[] tpot = table.Numbers("silicon_tpot_ms");
        return [.. Enumerable.Range(0, table.Rows).Select(i => new EndToEndSample(
            device[i].Replace("_sxm", "", StringComparison.Ordinal),
            $"{engine[i]} {version[i]}",
            model[i],
            precision[i] switch { "" => KernelPrecision.Bf16, "fp8" => KernelPrecision.Fp8, "fp4" => KernelPrecision.NvFp4, _ => null },
            tensor[i],
            Degree(data[i]),
            Degree(expert[i]),
            batch[i] * Degree(data[i]), // the table counts requests of one group
            input[i],
            output[i],
            ttft[i] / 1000,
            tpot[i] / 1000))];

        // Blank where a benchmark of a dense model says nothing.
        static int Degree(string cell) => cell.Length == 0 ? 1 : int.TryParse(cell, System.Globalization.CultureInfo.InvariantCulture, out int degree) ? degree : 0;
    }
}
