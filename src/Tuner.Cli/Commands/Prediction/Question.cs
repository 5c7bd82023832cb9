using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Prediction;

/// <summary>One point to predict: an engine on a GPU and a closed-loop benchmark.</summary>
/// <param name="Hardware">A profile, by file or shipped name.</param>
/// <param name="Engine">Whose kernels; null takes the profile's first.</param>
/// <param name="Model">A model, by file or name.</param>
/// <param name="Precision">bf16, fp8, fp8-block, int8 or fp8-fp4.</param>
/// <param name="Tensor">Tensor-parallel degree.</param>
/// <param name="Pipeline">Pipeline stages.</param>
/// <param name="InFlight">Requests in flight.</param>
/// <param name="PromptTokens">Prompt tokens of each.</param>
/// <param name="OutputTokens">Output tokens of each.</param>
/// <param name="TokenBudget">Most tokens of a step; null sizes it to the workload.</param>
internal sealed record Question(string Hardware, string? Engine, string Model, string Precision, int Tensor, int Pipeline, int InFlight, int PromptTokens, int OutputTokens, int? TokenBudget)
{
    /// <summary>Parts a mixture's experts are spread over; 1 splits every expert over all GPUs.</summary>
    public int ExpertParallel { get; init; } = 1;

    /// <summary>Groups of <see cref="Tensor"/> GPUs that share the requests for attention and meet at the experts.</summary>
    public int DataParallel { get; init; } = 1;

    /// <summary>Predicts it.</summary>
    /// <exception cref="ScenarioFormatException">Something is unknown or cannot be.</exception>
    public Answer Ask()
    {
        Require(Tensor, "tp");
        Require(Pipeline, "pp");
        Require(ExpertParallel, "ep");
        Require(DataParallel, "dp");
        Require(InFlight, "batch");
        Require(PromptTokens, "input");
        Require(OutputTokens, "output");
        Require(TokenBudget ?? 1, "token budget");
        HardwareProfile hardware = ProfileCatalog.Hardware(Hardware);
        ModelSpec model = ProfileCatalog.Model(Model);
        (KernelPrecision weights, PrecisionMode mode) = PrecisionName.Parse(Precision);
        EngineKernels kernels = Kernels(hardware, Engine);
        if (kernels.Gemm.All(term => term.Precision != weights))
            throw new ScenarioFormatException($"precision \"{Precision}\": {kernels.Name} on {hardware.Name} has no such products; it has {string.Join(", ", kernels.Gemm.Select(term => term.Precision.ToString().ToLowerInvariant()))}.");
        if (model.Experts == 0 && (ExpertParallel > 1 || DataParallel > 1))
            throw new ScenarioFormatException($"{model.Name} has no experts; ep and dp are for mixtures of experts, expected 1.");
        if (Tensor * DataParallel % ExpertParallel != 0 || ExpertParallel > Math.Max(1, model.Experts))
            throw new ScenarioFormatException($"ep is {ExpertParallel}; expected a divisor of tp times dp ({Tensor * DataParallel}) that is at most the number of experts.");
        var spec = new EngineSpec(model, Tensor, Pipeline, mode, false, null, 0) { Weights = weights, ExpertParallel = ExpertParallel, DataParallel = DataParallel };
        return Answer.Of(hardware, kernels, spec, InFlight, PromptTokens, OutputTokens, TokenBudget);
    }

    /// <summary>An engine's kernels; those of the profile's first engine where none is named.</summary>
    /// <exception cref="ScenarioFormatException">The profile has no such engine.</exception>
    public static EngineKernels Kernels(HardwareProfile hardware, string? name) =>
        name is null || hardware.EngineNames.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? hardware.Engine(name)
            : throw new ScenarioFormatException($"engine \"{name}\": {hardware.Name} has {string.Join(", ", hardware.EngineNames)}.");

    private static void Require(int value, string name)
    {
        if (value is < 1 or > 10_000_000)
            throw new ScenarioFormatException($"{name} is {value}; expected a whole number of at least 1.");
    }
}
