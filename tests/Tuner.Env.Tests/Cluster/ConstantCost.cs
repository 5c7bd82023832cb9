using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>A server of queueing theory: prompts take next to nothing, every decode step the same.</summary>
internal sealed class ConstantCost(double decodeSeconds) : ICostModel
{
    private const double PrefillSeconds = 1e-9;

    /// <summary>One GPU that takes one request at a time.</summary>
    public static Scenario OneSlot()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        return scenario with
        {
            Knobs = new KnobSpace([new BatchRung(1, 8192)], [0], []),
            Drafts = [],
            DefaultSettings = default,
            Layouts = [new LayoutSpec([new PoolSpec(1, 1, 1)]), null, null, null],
            MaxSequenceTokens = 100_000,
        };
    }

    public IEngineCost For(EngineSpec engine) => new ConstantEngine(engine, decodeSeconds);

    private sealed class ConstantEngine(EngineSpec engine, double decodeSeconds) : IEngineCost
    {
        public EngineSpec Engine => engine;

        public double IdleWattsPerGpu => 0;

        public StepCost Step(in BatchShape batch) => new(batch.PrefillTokens > 0 ? PrefillSeconds : decodeSeconds, 0, 0);

        public IReadOnlyList<CostTerm> Explain(in BatchShape batch) => [new("constant", Step(batch).StageSeconds, Provenance.Analytic, 0, 0)];

        public StepPower Power(in BatchShape batch) => default;

        public double NextBend(in BatchShape batch) => double.PositiveInfinity;
    }
}
