using Tuner.Env.Costs;

namespace Tuner.Env.Fuzzing;

/// <summary>A cost model that loses patience: a simulation that goes round in circles fails instead of hanging.</summary>
internal sealed class StepLimit(ICostModel inner, long limit) : ICostModel
{
    private long steps;

    /// <inheritdoc/>
    public IEngineCost For(EngineSpec engine) => new LimitedEngine(inner.For(engine), this);

    private void Count()
    {
        if (++steps > limit)
            throw new InvalidOperationException($"More than {limit} steps were timed: the run goes round in circles.");
    }

    private sealed class LimitedEngine(IEngineCost inner, StepLimit owner) : IEngineCost
    {
        public EngineSpec Engine => inner.Engine;

        public double IdleWattsPerGpu => inner.IdleWattsPerGpu;

        public EngineSchedule Schedule => inner.Schedule;

        public FrontEnd FrontEnd => inner.FrontEnd;

        public double Raggedness => inner.Raggedness;

        public StepCost Step(in BatchShape batch)
        {
            owner.Count();
            return inner.Step(batch);
        }

        public IReadOnlyList<CostTerm> Explain(in BatchShape batch) => inner.Explain(batch);

        public StepPower Power(in BatchShape batch) => inner.Power(batch);

        public double NextBend(in BatchShape batch) => inner.NextBend(batch);
    }
}
