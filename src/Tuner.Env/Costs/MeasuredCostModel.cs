using System.Collections.Concurrent;

namespace Tuner.Env.Costs;

/// <summary>Times engines on one kind of GPU from its hardware profile: measured kernels where there are any, rooflines elsewhere.</summary>
/// <param name="profile">The GPU.</param>
/// <param name="engine">Whose kernels and overheads; null takes the profile's first engine.</param>
public sealed class MeasuredCostModel(HardwareProfile profile, string? engine = null) : ICostModel
{
    private readonly ConcurrentDictionary<EngineSpec, IEngineCost> prepared = [];
    private readonly TransformerShelf transformers = new(profile.WithExperts(profile.Engine(engine)));

    /// <inheritdoc/>
    public IEngineCost For(EngineSpec engine) => prepared.GetOrAdd(engine, static (spec, self) => new MeasuredEngineCost(self.profile, self.transformers, spec), (profile, transformers));
}
