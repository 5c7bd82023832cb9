using System.Collections.Concurrent;

namespace Tuner.Env.Costs;

/// <summary>GPUs that are slower or faster than calibrated by a factor: throttled, badly placed, another batch.</summary>
/// <param name="inner">What was calibrated.</param>
/// <param name="factor">What each step's time is multiplied by, above 0; a GPU 20 % slower takes 1.25 times as long.</param>
public sealed class ScaledCostModel(ICostModel inner, double factor) : ICostModel
{
    private readonly ConcurrentDictionary<EngineSpec, IEngineCost> prepared = [];

    /// <inheritdoc/>
    public IEngineCost For(EngineSpec engine) => prepared.GetOrAdd(engine, static (spec, self) => new ScaledEngineCost(self.inner.For(spec), self.factor), (inner, factor));
}
