using Tuner.Policy.Knobs;

namespace Tuner.Policy.Hosting;

/// <summary>Turns the knobs of a real engine. The serving stack brings its own.</summary>
/// <remarks>Members may throw: the loop then reads back what runs and returns to known settings.</remarks>
public interface IKnobActuator
{
    /// <summary>What this engine can turn, and how.</summary>
    KnobCapabilities Capabilities { get; }

    /// <summary>Whether the engine can run these settings at all (memory, supported combinations); what it cannot is masked.</summary>
    bool Supports(in KnobSettings settings) => true;

    /// <summary>Reads what the engine runs with now, from the engine.</summary>
    ValueTask<KnobSettings> ReadBackAsync(CancellationToken cancellation);

    /// <summary>Makes the engine run with these settings; returns when it does.</summary>
    ValueTask ApplyAsync(KnobSettings settings, CancellationToken cancellation);
}
