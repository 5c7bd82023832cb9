namespace Tuner.Kernels.Calibration.Published;

/// <summary>One served benchmark of a speculation sweep.</summary>
/// <param name="Draft">The draft's name on its hub without the owner; null without speculation.</param>
/// <param name="DraftTokens">Tokens drafted a step; 0 without speculation.</param>
/// <param name="InFlight">Requests in flight.</param>
/// <param name="AcceptanceLength">Tokens a step yielded a sequence; 1 without speculation.</param>
/// <param name="OutputTokensPerSecond">Measured output tokens a second.</param>
public sealed record SpeculationSample(string? Draft, int DraftTokens, int InFlight, double AcceptanceLength, double OutputTokensPerSecond)
{
    /// <summary>Reads <c>vllm-spec-decode/full-bench-data_qwen3-32b.csv</c>.</summary>
    /// <exception cref="CalibrationException">The table is missing or malformed.</exception>
    public static IReadOnlyList<SpeculationSample> Read(string folder)
    {
        Table table = TableFile.Read(Path.Combine(folder, "vllm-spec-decode", "full-bench-data_qwen3-32b"));
        string[] draft = table.Text("draft_model");
        int[] tokens = table.Integers("num_spec_toks");
        int[] inFlight = table.Integers("concurrency");
        double[] accepted = table.Numbers("acceptance_length");
        double[] rate = table.Numbers("output_token_throughput");
        return [.. Enumerable.Range(0, table.Rows).Select(i => new SpeculationSample(
            draft[i] == "None" ? null : draft[i][(draft[i].LastIndexOf('/') + 1)..],
            tokens[i],
            inFlight[i],
            double.IsNaN(accepted[i]) ? 1 : accepted[i],
            rate[i]))];
    }
}
