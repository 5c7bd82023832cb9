using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tuner.Policy.Files;
using Tuner.Policy.Hosting;
using Tuner.Policy.Safety;

namespace Tuner.Policy.Tests.Hosting;

/// <summary>A real host with Tuner in it, stepped window by window; may be ended and started again over the same folder.</summary>
internal sealed class Rig : IDisposable
{
    private readonly Action<SafetyOptions> guard;
    private readonly Action<TunerOptions>? configure;
    private readonly Action<TunerBuilder>? more;
    private IHost host;

    public Rig(Action<SafetyOptions> guard, PolicyFile? policy = null, Action<TunerOptions>? configure = null, string? folder = null, IWhatIf? whatIf = null, Action<TunerBuilder>? more = null)
    {
        (this.guard, this.configure) = (guard, configure);
        this.more = whatIf is null ? more : builder => builder.PredictWith(_ => whatIf);
        Folder = folder ?? Directory.CreateTempSubdirectory("tuner-hosting-").FullName;
        Engine = new FileEngine(Folder);
        if (folder is null)
        {
            Engine.Now = FileEngine.Operators;
            (policy ?? ExamplePolicy.SpeculationOn()).Save(PolicyPath);
        }

        host = Start();
    }

    public string Folder { get; }

    public string PolicyPath => Path.Combine(Folder, "chat.tuner");

    public string StateFolder => Path.Combine(Folder, "tuner-state");

    public FileEngine Engine { get; }

    public JumpingClock Time { get; } = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    public TunerStatus Status => Services.GetRequiredService<TunerMonitor>().Status;

    public IServiceProvider Services => host.Services;

    public IConfigurationRoot Configuration => (IConfigurationRoot)Services.GetRequiredService<IConfiguration>();

    private TuningLoop Loop => Services.GetServices<IHostedService>().OfType<TuningLoop>().Single();

    public async Task StepAsync(int windows = 1)
    {
        for (int i = 0; i < windows; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(10));
            await Loop.StepAsync(CancellationToken.None);
        }
    }

    /// <summary>Steps until the loop says a verdict.</summary>
    public async Task UntilAsync(string verdict, int atMost = 100)
    {
        for (int i = 0; i < atMost; i++)
        {
            await StepAsync();
            if (Status.Verdict == verdict)
                return;
        }

        Assert.Fail($"never {verdict}; last {Status.Verdict}: {Status.Reason}");
    }

    /// <summary>Waits for the last what-if to have answered, failed or been given up.</summary>
    public Task WhatIfEndsAsync() => Loop.WhatIf!.Last.WaitAsync(TimeSpan.FromSeconds(30));

    public void Restart()
    {
        host.Dispose();
        host = Start();
    }

    public string[] AuditLines() => File.ReadAllLines(Path.Combine(StateFolder, "audit.jsonl"));

    public void Dispose()
    {
        host.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private IHost Start()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = Folder });
        builder.Configuration.AddInMemoryCollection();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddHealthChecks().AddCheck<TunerHealthCheck>("tuner");
        TunerBuilder tuner = builder.Services.AddTuner("chat.tuner", configure)
            .ReadTelemetryFrom(_ => Engine)
            .ApplyKnobsWith(_ => Engine)
            .KeepWithin(guard);
        more?.Invoke(tuner);
        builder.Services.Configure<SafetyOptions>(builder.Configuration.GetSection("Tuner"));
        return builder.Build();
    }
}
