using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines;

/// <summary>A few fixed settings that together do well in many contexts.</summary>
/// <param name="Settings">The settings; the first is the generalist, best on its own over all contexts without overdrawing the quality budget.</param>
public sealed record Portfolio(IReadOnlyList<KnobSettings> Settings)
{
    /// <summary>The best single setting over all contexts.</summary>
    public KnobSettings Generalist => Settings[0];
}
