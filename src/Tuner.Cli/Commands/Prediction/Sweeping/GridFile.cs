using System.Text.Json;
using System.Text.Json.Serialization;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation.Sweeping;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Prediction.Sweeping;

/// <summary>A sweep's lists as a JSON file gives them; a list left out takes its default.</summary>
internal sealed record GridFile
{
    private const int Most = 1_000_000;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>bf16, fp8, fp8-block, int8, fp8-fp4; by default those the engine has products of.</summary>
    public string[]? Precisions { get; init; }

    public int[] Tp { get; init; } = [1, 2, 4, 8];

    public int[] Pp { get; init; } = [1, 2, 4];

    /// <summary>Bits of a cached element: 8 or 16.</summary>
    public int[] KvBits { get; init; } = [16, 8];

    public int[] DraftTokens { get; init; } = [0, 1, 2, 3, 4, 5];

    public string Draft { get; init; } = "llama-3.2-1b";

    public double Acceptance { get; init; } = 0.72;

    /// <summary>Requests in flight; by default the batch sizes vLLM captures.</summary>
    public int[]? Batch { get; init; }

    public int[]? Input { get; init; }

    public int[]? Output { get; init; }

    public int MaxGpus { get; init; } = 8;

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserErrorException">It is missing or malformed.</exception>
    public static GridFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<GridFile>(File.ReadAllText(path), Format) ?? throw new UserErrorException($"{path}: null found; expected an object with lists such as \"tp\" and \"batch\".");
        }
        catch (JsonException wrong)
        {
            throw new UserErrorException($"{path}:{(wrong.LineNumber ?? 0) + 1}: {wrong.Message.Split(" Path:")[0].TrimEnd('.')}.");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: {wrong.Message.TrimEnd('.')}; a JSON file with a sweep's lists was expected.");
        }
    }

    /// <summary>The grid for an engine's kernels.</summary>
    /// <param name="kernels">Whose products decide which precisions there are.</param>
    /// <param name="input">Prompt tokens where the file has none.</param>
    /// <param name="output">Output tokens where the file has none.</param>
    /// <exception cref="ScenarioFormatException">A precision or model is unknown.</exception>
    /// <exception cref="UserErrorException">A number is out of range.</exception>
    public SweepGrid For(EngineKernels kernels, int input, int output)
    {
        bool Has(KernelPrecision precision) => kernels.Gemm.Any(term => term.Precision == precision);
        string[] names = Precisions ?? ["bf16", "fp8", "fp8-block", "fp8-fp4"];
        (string Name, KernelPrecision Weights, PrecisionMode Mode)[] known = [.. names.Select(name => (name, PrecisionName.Parse(name).Weights, PrecisionName.Parse(name).Mode))];
        var usable = known.Where(format => Has(format.Weights) && (format.Mode == PrecisionMode.Fp8 || Has(KernelPrecision.NvFp4))).ToArray();
        if (Precisions is not null && usable.Length < known.Length)
            throw new UserErrorException($"precisions: {kernels.Name} {kernels.Version} has no products for {string.Join(", ", known.Except(usable).Select(format => format.Name))}.");
        if (KvBits.Except([8, 16]).Any())
            throw new UserErrorException($"kvBits: {string.Join(", ", KvBits)} found; expected 8 and 16.");
        if (!(Acceptance is > 0 and < 1))
            throw new UserErrorException(FormattableString.Invariant($"acceptance is {Acceptance}; expected a probability between 0 and 1."));
        return new SweepGrid
        {
            Precisions = [.. usable.Select(format => (format.Weights, format.Mode))],
            Tensor = InRange(Tp, "tp", 1),
            Pipeline = InRange(Pp, "pp", 1),
            KvCompression = [.. KvBits.Select(bits => bits == 8)],
            DraftTokens = InRange(DraftTokens, "draftTokens", 0),
            Draft = ProfileCatalog.Model(Draft),
            Acceptance = Acceptance,
            InFlight = InRange(Batch ?? SweepGrid.CapturedBatches, "batch", 1),
            PromptTokens = InRange(Input ?? [input], "input", 1),
            OutputTokens = InRange(Output ?? [output], "output", 1),
            MaxGpus = MaxGpus,
        };
    }

    private static IReadOnlyList<int> InRange(IReadOnlyList<int> values, string name, int least) =>
        values.Count == 0 ? throw new UserErrorException($"{name}: an empty list; expected at least one number.")
        : values.FirstOrDefault(value => value < least || value > Most, least) is var wrong && (wrong < least || wrong > Most) ? throw new UserErrorException($"{name}: {wrong} found; expected whole numbers from {least} to {Most}.")
        : values;
}
