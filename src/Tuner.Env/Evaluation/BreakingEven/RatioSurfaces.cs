using Tuner.Env.Costs;

namespace Tuner.Env.Evaluation.BreakingEven;

/// <summary>Where a setting pays: time per output token of a decode step with and without it.</summary>
/// <remarks>Steps that only decode; prompts in between cost both sides alike. Requests in flight and contexts are spaced by a quarter of a factor of two.</remarks>
/// <param name="hardware">The GPU.</param>
/// <param name="costs">Times its engines.</param>
public sealed class RatioSurfaces(HardwareProfile hardware, ICostModel costs)
{
    private const int StepsAnOctave = 4;
    private const int AcceptanceSteps = 26;
    private static readonly int TokenBudget = new ClosedLoopOptions().TokenBudget;

    private static readonly double[] InFlight = [.. Enumerable.Range(0, (9 * StepsAnOctave) + 1).Select(i => Math.Pow(2, (double)i / StepsAnOctave))];
    private static readonly double[] Contexts = [.. Enumerable.Range(0, (9 * StepsAnOctave) + 1).Select(i => 256 * Math.Pow(2, (double)i / StepsAnOctave))];

    /// <summary>A KV cache in 8 bits against 16, over requests in flight (1–512) and context (256–131,072 tokens).</summary>
    public RatioSurface KvCompression(EngineSpec engine)
    {
        EngineSpec wide = engine with { KvCompression = false };
        EngineSpec narrow = engine with { KvCompression = true };
        return Over(
            "kv-compression",
            $"8-bit KV cache against 16-bit: {Describe(engine)}",
            (requests, context) => TokenSeconds(wide, requests, context) / TokenSeconds(narrow, requests, context),
            "16-bit cache does not fit");
    }

    /// <summary>One replica over twice the GPUs against two replicas that share the requests, over requests in flight (2–512) and context.</summary>
    /// <param name="engine">The replica of which there are two.</param>
    public RatioSurface TensorParallel(EngineSpec engine)
    {
        EngineSpec twice = engine with { TensorParallel = 2 * engine.TensorParallel };
        return Over(
            "tensor-parallel",
            $"one replica of tp {twice.TensorParallel} against two of tp {engine.TensorParallel}, the same requests in flight: {engine.Model.Name} on {hardware.Name}",
            (requests, context) => TokenSeconds(engine, Math.Ceiling(requests / 2), context) / TokenSeconds(twice, requests, context),
            "does not fit");
    }

    /// <summary>Speculation against none, over requests in flight (1–512) and the probability that a drafted token is accepted.</summary>
    /// <param name="engine">The engine, with its draft model and drafted tokens.</param>
    /// <param name="context">Cached tokens of each sequence.</param>
    public RatioSurface Speculation(EngineSpec engine, double context)
    {
        EngineSpec plain = engine with { Draft = null, DraftTokens = 0 };
        double[] acceptance = [.. Enumerable.Range(0, AcceptanceSteps).Select(i => 0.3 + (0.65 * i / (AcceptanceSteps - 1)))];
        var ratio = new double[acceptance.Length, InFlight.Length];
        for (int x = 0; x < InFlight.Length; x++)
        {
            double requests = Math.Round(InFlight[x]);
            double without = TokenSeconds(plain, requests, context);
            double step = TokenSeconds(engine, requests, context);
            for (int y = 0; y < acceptance.Length; y++)
                ratio[y, x] = without / step * AcceptanceLength(acceptance[y], engine.DraftTokens);
        }

        return new RatioSurface(
            "speculation",
            FormattableString.Invariant($"{engine.DraftTokens} tokens drafted by {engine.Draft?.Name} against none, context of {context:N0}: {Describe(plain)}"),
            "requests in flight",
            InFlight,
            "probability that a drafted token is accepted",
            acceptance,
            false,
            ratio,
            "does not fit");
    }

    private static double AcceptanceLength(double probability, int drafted) => (1 - Math.Pow(probability, drafted + 1)) / (1 - probability);

    private static RatioSurface Over(string name, string title, Func<double, double, double> ratio, string unfit)
    {
        var values = new double[Contexts.Length, InFlight.Length];
        for (int y = 0; y < Contexts.Length; y++)
        {
            for (int x = 0; x < InFlight.Length; x++)
                values[y, x] = ratio(Math.Round(InFlight[x]), Contexts[y]);
        }

        return new RatioSurface(name, title, "requests in flight", InFlight, "cached tokens of each", Contexts, true, values, unfit);
    }

    // NaN where weights or caches do not fit.
    private double TokenSeconds(EngineSpec engine, double requests, double context)
    {
        MemoryPlan plan = MemoryPlanner.Plan(hardware, engine, TokenBudget, bothPrecisionsResident: false);
        if (requests * context > (double)plan.KvBlocks * MemoryPlan.BlockTokens)
            return double.NaN;
        StepCost step = costs.For(engine).Step(new BatchShape(0, 0, 0, 0, 0, (int)requests, requests * context));
        return step.StageSeconds + step.HopSeconds;
    }

    private string Describe(EngineSpec engine) => $"{engine.Model.Name} on {hardware.Name}, tp {engine.TensorParallel}";
}
