namespace Tuner.Policy.Telemetry;

/// <summary>Tells what the engine's last window looked like. The serving stack brings its own, or one of this library's.</summary>
public interface ITelemetrySource
{
    /// <summary>Reads the window since the last call.</summary>
    /// <param name="cancellation">Fires when the reading takes too long or the host stops.</param>
    /// <returns>The window; null when there is none yet, such as after the first look at counters or a restart of the engine.</returns>
    /// <remarks>May throw: the loop holds still and says why.</remarks>
    ValueTask<TelemetryReading?> ReadAsync(CancellationToken cancellation);
}
