namespace Tuner.Env.Costs;

/// <summary>An engine whose steps take another multiple of their time. It draws the same power, for longer or shorter.</summary>
/// <param name="inner">The engine as calibrated.</param>
/// <param name="factor">What times are multiplied by.</param>
internal sealed class ScaledEngineCost(IEngineCost inner, double factor) : IEngineCost
{
    /// <inheritdoc/>
    public EngineSpec Engine => inner.Engine;

    /// <inheritdoc/>
    public double IdleWattsPerGpu => inner.IdleWattsPerGpu;

    /// <inheritdoc/>
    public EngineSchedule Schedule => inner.Schedule;

    /// <inheritdoc/>
    public FrontEnd FrontEnd => inner.FrontEnd;

    /// <inheritdoc/>
    public double Raggedness => inner.Raggedness;

    /// <inheritdoc/>
    public StepCost Step(in BatchShape batch)
    {
        StepCost cost = inner.Step(batch);
        return new StepCost(factor * cost.StageSeconds, factor * cost.HopSeconds, factor * cost.Joules);
    }

    /// <inheritdoc/>
    public IReadOnlyList<CostTerm> Explain(in BatchShape batch) => [.. inner.Explain(batch).Select(term => term with { Seconds = factor * term.Seconds })];

    /// <inheritdoc/>
    public StepPower Power(in BatchShape batch) => inner.Power(batch);

    /// <inheritdoc/>
    public double NextBend(in BatchShape batch) => inner.NextBend(batch);
}
