using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Tuner.Policy.Hosting;

/// <summary>Unhealthy when the engine's settings are unknown or the loop stands still, degraded when it cannot do what it was asked to.</summary>
/// <remarks>Add it with <c>services.AddHealthChecks().AddCheck&lt;TunerHealthCheck&gt;("tuner")</c>.</remarks>
/// <param name="monitor">Where the loop leaves word.</param>
/// <param name="options">How long a window is.</param>
/// <param name="time">Tells how long ago the last one was.</param>
public sealed class TunerHealthCheck(TunerMonitor monitor, IOptions<TunerOptions> options, TimeProvider time) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        TunerStatus status = monitor.Status;
        var data = new Dictionary<string, object> { ["mode"] = status.Mode.ToString(), ["verdict"] = status.Verdict, ["windows"] = status.Windows };
        return Task.FromResult(Check(status) switch
        {
            (HealthStatus.Unhealthy, string why) => HealthCheckResult.Unhealthy(why, data: data),
            (HealthStatus.Degraded, string why) => HealthCheckResult.Degraded(why, data: data),
            (_, string why) => HealthCheckResult.Healthy(why, data),
        });
    }

    private (HealthStatus Status, string Why) Check(TunerStatus status)
    {
        if (status.Windows == 0)
            return (HealthStatus.Degraded, "The first window has not passed yet.");
        TimeSpan silent = time.GetElapsedTime(status.Timestamp);
        TimeSpan limit = (3 * options.Value.Window) + options.Value.ApplyTimeout;
        if (silent > limit)
            return (HealthStatus.Unhealthy, $"No window for {silent.TotalSeconds:0} s.");
        if (status.Settings is null)
            return (HealthStatus.Unhealthy, $"What the engine runs with is not known: {status.Reason}.");
        if (status.Killed is { } killed)
            return (HealthStatus.Degraded, $"The kill switch is on: {killed}.");
        if (status.PolicyProblem is { } problem)
            return (HealthStatus.Degraded, $"The last good policy decides: {problem}");
        return status.Verdict is "refused" or "failed"
            ? (HealthStatus.Degraded, status.Reason)
            : (HealthStatus.Healthy, $"{status.Mode}: {status.Verdict}");
    }
}
