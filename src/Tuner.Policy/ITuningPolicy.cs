using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy;

/// <summary>Decides, once a window, how the engine should run.</summary>
/// <remarks>
/// A policy may keep memory between windows (a smoothed load, a cool-down); <see cref="Reset"/> forgets it. It is used
/// by one loop at a time.
/// </remarks>
public interface ITuningPolicy
{
    /// <summary>The name reports use for this policy, such as <c>tuner</c> or <c>static-best</c>.</summary>
    string Name { get; }

    /// <summary>Forgets everything seen so far, before a run begins.</summary>
    void Reset();

    /// <summary>Chooses the settings for the coming window.</summary>
    /// <param name="window">What the window that just ended looked like.</param>
    /// <param name="current">The settings in force now.</param>
    /// <param name="mask">What may be chosen; see <see cref="KnobMask"/>.</param>
    /// <returns>The settings to run with; <paramref name="current"/> to hold still.</returns>
    KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask);
}
