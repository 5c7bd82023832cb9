using System.Globalization;
using Tuner.Env.Costs;
using Tuner.Env.Evaluation;

namespace Tuner.Cli.Commands.Prediction;

/// <summary>What a point is predicted to take, and what that rests on.</summary>
/// <param name="Loop">The benchmark's figures.</param>
/// <param name="Decode">Where a decode step's time goes, at half of the output.</param>
/// <param name="Prefill">Where the prefill of one prompt goes.</param>
/// <param name="DecodePower">How busy a GPU is in that decode step.</param>
/// <param name="PrefillPower">How busy it is in that prefill.</param>
/// <param name="Power">What the watts come from.</param>
/// <param name="Warning">Why the prediction may be far off, or null.</param>
internal sealed record Answer(ClosedLoopResult Loop, IReadOnlyList<CostTerm> Decode, IReadOnlyList<CostTerm> Prefill, StepPower DecodePower, StepPower PrefillPower, PowerTerm Power, string? Warning)
{
    /// <summary>Half-width of the 80 % band of time to first token, as a logarithm.</summary>
    public double FirstTokenBand { get; private init; }

    /// <summary>Half-width of the 80 % band of time per output token, as a logarithm.</summary>
    public double TokenTimeBand { get; private init; }

    /// <summary>Share of a decode step that rests on measurements, and on formulas: <c>published 0.93, analytic 0.07</c>.</summary>
    public string Provenance =>
        string.Join(", ", Decode.GroupBy(term => term.Provenance).OrderByDescending(group => group.Key)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{Name(group.Key)} {group.Sum(term => term.Seconds) / Decode.Sum(term => term.Seconds):0.00}")));

    /// <summary>Relative half-width of the 80 % band of a step's time: its terms' spreads, weighted by time and taken as independent.</summary>
    public static double Band(IReadOnlyList<CostTerm> terms)
    {
        double total = terms.Sum(term => term.Seconds);
        return Math.Sqrt(terms.Sum(term => Math.Pow(term.Seconds * term.Spread * (1 + term.OctavesOutside), 2))) / total;
    }

    public static Answer Of(HardwareProfile hardware, EngineKernels kernels, EngineSpec engine, int inFlight, int promptTokens, int outputTokens, int? tokenBudget)
    {
        IEngineCost cost = new MeasuredCostModel(hardware, kernels.Name).For(engine);
        ClosedLoopOptions options = ClosedLoopOptions.For(kernels, inFlight, promptTokens);
        int budget = tokenBudget ?? options.TokenBudget;
        MemoryPlan plan = MemoryPlanner.Plan(hardware, engine, budget, bothPrecisionsResident: false);
        double needed = (promptTokens + outputTokens) * plan.KvBytesPerToken * inFlight;
        double room = (double)plan.KvBlocks * MemoryPlan.BlockTokens * plan.KvBytesPerToken;
        string? warning = plan.KvBlocks == 0 ? $"the weights do not fit {hardware.Name} with tp {engine.TensorParallel}, pp {engine.PipelineParallel}"
            : needed > room ? string.Create(CultureInfo.InvariantCulture, $"{inFlight} such requests need {needed / 1e9:0.0} GB of KV cache a GPU, {room / 1e9:0.0} GB are left: requests queue")
            : null;
        ClosedLoopResult loop = ClosedLoop.Run(cost, inFlight, promptTokens, outputTokens, options with { TokenBudget = budget * engine.DataParallel, KvTokens = plan.KvTokens });
        int share = (inFlight + engine.PipelineParallel - 1) / engine.PipelineParallel;
        int chunk = Math.Min(promptTokens, budget);
        var decode = new BatchShape(0, 0, 0, 0, 0, share, share * (promptTokens + (0.5 * outputTokens)));
        var prefill = new BatchShape(chunk, 1, 0.5 * chunk * chunk, 0, 1, 0, 0);
        IReadOnlyList<CostTerm> decodeTerms = cost.Explain(decode);
        IReadOnlyList<CostTerm> prefillTerms = cost.Explain(prefill);
        return new Answer(loop, decodeTerms, prefillTerms, cost.Power(decode), cost.Power(prefill), hardware.Power, warning)
        {
            FirstTokenBand = PredictionBand.FirstToken(prefillTerms, kernels.Name),
            TokenTimeBand = PredictionBand.TokenTime(decodeTerms, kernels.Name),
        };
    }

    public static string Name(Provenance provenance) => provenance switch
    {
        Env.Costs.Provenance.MeasuredHere => "measured-here",
        Env.Costs.Provenance.Published => "published",
        _ => "analytic",
    };
}
