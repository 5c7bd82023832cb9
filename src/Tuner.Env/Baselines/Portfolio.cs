using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>A few fixed settings that together do well in many contexts.</summary>
/// <param name="Settings">The settings; the first is the generalist, best on its own over all contexts without spending quality.</param>
/// <param name="QualityPrice">Promises kept, as a share, that a point of quality must buy for the budget to last.</param>
public sealed record Portfolio(IReadOnlyList<KnobSettings> Settings, double QualityPrice)
{
    /// <summary>The best single setting over all contexts.</summary>
    public KnobSettings Generalist => Settings[0];
}
