using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Kernels.Calibration.Published;

/// <summary>Answers the questions published findings are about, for one GPU.</summary>
public sealed class CrossoverBench
{
    private readonly HardwareProfile profile;
    private readonly SpeculationStudy? speculation;

    /// <param name="profile">The GPU.</param>
    public CrossoverBench(HardwareProfile profile)
    {
        this.profile = profile;
        speculation = profile.Name == "h100" ? new SpeculationStudy(profile) : null;
    }

    /// <summary>Seconds of a decode step: the time per token of sequences that are all alike.</summary>
    /// <param name="model">The model.</param>
    /// <param name="precision">bf16, fp8 or fp8-fp4.</param>
    /// <param name="tensor">Tensor-parallel degree.</param>
    /// <param name="sequences">Sequences.</param>
    /// <param name="context">Cached tokens of each.</param>
    /// <param name="cache8">Whether keys and values take 8 bits.</param>
    /// <param name="engine">Whose kernels.</param>
    public double Step(string model, string precision, int tensor, int sequences, double context, bool cache8 = false, string engine = "vllm") =>
        Costs(engine).For(Engine(model, precision, tensor, cache8)).Step(new BatchShape(0, 0, 0, 0, 0, sequences, sequences * context)).StageSeconds;

    /// <summary>Seconds of one product with a square matrix, as a model of that width takes it.</summary>
    /// <param name="width">Columns and rows of the matrix.</param>
    /// <param name="precision">bf16, fp8 or fp8-fp4.</param>
    /// <param name="rows">Tokens.</param>
    public double Product(int width, string precision, int rows)
    {
        var square = new ModelSpec($"square {width}", 1, width, width, width / 128, 8, 128, 1000, 0, 0, true);
        return Costs("vllm").For(Engine(square, precision, 1, cache8: false)).Explain(new BatchShape(0, 0, 0, 0, 0, rows, rows)).Single(term => term.Name == "down").Seconds;
    }

    /// <summary>Output tokens a second of a closed loop, of as many requests as its KV cache holds.</summary>
    /// <inheritdoc cref="Step"/>
    public double Rate(string model, string precision, int tensor, int inFlight, int promptTokens, int outputTokens, bool cache8 = false, string engine = "vllm")
    {
        (IEngineCost cost, double held) = Loop(model, precision, tensor, inFlight, promptTokens, outputTokens, cache8, engine);
        return SpreadLoop.OutputTokensPerSecond(cost, held, promptTokens, outputTokens, 1);
    }

    /// <summary>Joules an output token takes in such a loop.</summary>
    /// <inheritdoc cref="Step"/>
    public double Joules(string model, string precision, int tensor, int inFlight, int promptTokens, int outputTokens) =>
        ClosedLoop.Run(Costs("vllm").For(Engine(model, precision, tensor, false)), inFlight, promptTokens, outputTokens, new ClosedLoopOptions()).JoulesPerToken;

    /// <summary>Speed-up of speculation in the sweep of <see cref="SpeculationStudy"/>, whose acceptance lengths these are.</summary>
    /// <param name="draft">Its name in the sweep.</param>
    /// <param name="draftTokens">Tokens drafted a step.</param>
    /// <param name="acceptanceLength">Tokens a step yields a sequence.</param>
    /// <param name="inFlight">Requests in flight.</param>
    /// <exception cref="InvalidOperationException">The sweep ran on another GPU.</exception>
    public double SpeedUp(string draft, int draftTokens, double acceptanceLength, int inFlight)
    {
        if (speculation is null)
            throw new InvalidOperationException($"The speculation sweep ran on an H100, not on {profile.Name}.");
        double[] rates = speculation.Predict([new(null, 0, inFlight, 1, 0), new(draft, draftTokens, inFlight, acceptanceLength, 0)], SpeculationStudy.HostSeconds, SpeculationOverheads.Vllm);
        return rates[1] / rates[0];
    }

    private (IEngineCost Cost, double Held) Loop(string model, string precision, int tensor, int inFlight, int promptTokens, int outputTokens, bool cache8, string engine)
    {
        EngineSpec spec = Engine(model, precision, tensor, cache8);
        MemoryPlan plan = MemoryPlanner.Plan(profile, spec, new ClosedLoopOptions().TokenBudget, bothPrecisionsResident: false);
        double held = (double)plan.KvBlocks * MemoryPlan.BlockTokens / (promptTokens + (0.5 * outputTokens));
        return (Costs(engine).For(spec), Math.Min(inFlight, held));
    }

    private MeasuredCostModel Costs(string engine) => new(profile, engine);

    private static EngineSpec Engine(string model, string precision, int tensor, bool cache8) => Engine(ProfileCatalog.Model(model), precision, tensor, cache8);

    private static EngineSpec Engine(ModelSpec model, string precision, int tensor, bool cache8) =>
        new(model, tensor, 1, precision == "fp8-fp4" ? PrecisionMode.Fp8Fp4 : PrecisionMode.Fp8, cache8, null, 0)
        {
            Weights = precision == "bf16" ? KernelPrecision.Bf16 : KernelPrecision.Fp8,
        };
}
