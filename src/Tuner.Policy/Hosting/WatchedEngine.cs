using Tuner.Policy.Knobs;

namespace Tuner.Policy.Hosting;

/// <summary>An engine nobody turns: what a policy would do is decided as if every knob were live.</summary>
internal sealed class WatchedEngine(KnobSettings settings) : IKnobActuator
{
    public KnobCapabilities Capabilities => KnobCapabilities.AllLive;

    public ValueTask<KnobSettings> ReadBackAsync(CancellationToken cancellation) => ValueTask.FromResult(settings);

    public ValueTask ApplyAsync(KnobSettings settings, CancellationToken cancellation)
        => throw new NotSupportedException("The engine is only watched; register an actuator with ApplyKnobsWith<T>() before a mode that acts.");
}
