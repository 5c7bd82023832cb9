using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>One served benchmark: closed loop, fixed concurrency.</summary>
/// <param name="Device">The GPU's short name.</param>
/// <param name="Engine">The engine and its version.</param>
/// <param name="Model">The model's name on its hub.</param>
/// <param name="Weights">Format of the weights; null for one the cost model does not know.</param>
/// <param name="Tensor">Tensor-parallel degree.</param>
/// <param name="Plain">Whether attention is neither data-parallel nor experts spread: what the cost model covers.</param>
/// <param name="InFlight">Requests in flight.</param>
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
    bool Plain,
    int InFlight,
    int PromptTokens,
    int OutputTokens,
    double TtftSeconds,
    double TpotSeconds)
{
    /// <summary>The engine without its version.</summary>
    public string EngineName => Engine.Split(' ')[0];

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
            precision[i] switch { "" => KernelPrecision.Bf16, "fp8" => KernelPrecision.Fp8, _ => null },
            tensor[i],
            data[i] is "" or "1" && expert[i] is "" or "1",
            batch[i],
            input[i],
            output[i],
            ttft[i] / 1000,
            tpot[i] / 1000))];
    }
}
