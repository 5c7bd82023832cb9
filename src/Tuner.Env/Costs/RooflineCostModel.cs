namespace Tuner.Env.Costs;

/// <summary>A roofline with achieved rates and overheads per operation, fitted to measured kernels.</summary>
/// <param name="profile">The GPU.</param>
public sealed class RooflineCostModel(HardwareProfile profile) : ICostModel
{
    /// <inheritdoc/>
    public IEngineCost For(EngineSpec engine) => new RooflineEngineCost(profile, engine);
}
