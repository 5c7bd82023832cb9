using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Hosting;

/// <summary>Goes through one window after another; whatever happens in one, the host lives on.</summary>
/// <remarks>
/// Options are made anew each window by their factory: an <c>IOptionsMonitor</c>, and with it <c>ValidateOnStart</c>, throws
/// into whatever reloads the configuration when the new one is invalid. Telemetry and actuator are asked for inside the
/// first window for the same reason: what their constructors throw is a failed window.
/// </remarks>
internal sealed class TuningLoop(
    IServiceProvider services, IOptionsFactory<TunerOptions> options, IOptionsFactory<SafetyOptions> safety,
    TunerMonitor monitor, IHostEnvironment environment, TimeProvider time, ILogger<TuningLoop> logger) : BackgroundService, IHostedLifecycleService
{
    private TunerOptions? checkedOptions;
    private TuningWindow? window;

    /// <summary>Where effects of changes are asked for; null when nothing predicts them.</summary>
    internal WhatIfDesk? WhatIf { get; private set; }

    /// <summary>Says everything that is wrong, before anything starts.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        try
        {
            checkedOptions = options.Create(Options.DefaultName);
        }
        catch (OptionsValidationException problem)
        {
            failures.AddRange(problem.Failures);
        }

        try
        {
            safety.Create(Options.DefaultName);
        }
        catch (OptionsValidationException problem)
        {
            failures.AddRange(problem.Failures);
        }

        return failures.Count == 0
            ? Task.CompletedTask
            : throw new OptionsValidationException(Options.DefaultName, typeof(TunerOptions), failures);
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Goes through one window.</summary>
    internal async Task StepAsync(CancellationToken cancellation)
    {
        try
        {
            checkedOptions ??= options.Create(Options.DefaultName);
            window ??= new TuningWindow(
                checkedOptions, safety, services.GetRequiredService<ITelemetrySource>(), services.GetRequiredService<IKnobActuator>(),
                monitor, WhatIf = Desk(checkedOptions), environment.ContentRootPath, time, logger);
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

    private WhatIfDesk? Desk(TunerOptions from)
        => services.GetService<IServiceProviderIsService>()?.IsService(typeof(IWhatIf)) == true
            ? new WhatIfDesk(services.GetRequiredService<IWhatIf>, from.WhatIfTimeout, time, logger)
            : null;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer((checkedOptions ??= options.Create(Options.DefaultName)).Window, time);
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
