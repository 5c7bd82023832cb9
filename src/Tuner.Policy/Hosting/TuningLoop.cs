using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>Goes through one window after another; whatever happens in one, the host lives on.</summary>
internal sealed class TuningLoop(
    IOptions<TunerOptions> options, IOptionsMonitor<SafetyOptions> safety, ITelemetrySource telemetry, IKnobActuator engine,
    TunerMonitor monitor, IHostEnvironment environment, TimeProvider time, ILogger<TuningLoop> logger) : BackgroundService
{
    private TuningWindow? window;

    /// <summary>Goes through one window.</summary>
    internal async Task StepAsync(CancellationToken cancellation)
    {
        try
        {
            window ??= new TuningWindow(options.Value, safety, telemetry, engine, monitor, environment.ContentRootPath, time, logger);
            await window.StepAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception problem)
        {
            Log.WindowFailed(logger, problem);
            TunerStatus last = monitor.Status;
            monitor.Status = last with { Verdict = "failed", Reason = problem.Message, Windows = last.Windows + 1, Timestamp = time.GetTimestamp() };
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Window, time);
        try
        {
            do
            {
                await StepAsync(stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The engine keeps its settings: they are known, and the next start goes on from there.
        }
    }
}
