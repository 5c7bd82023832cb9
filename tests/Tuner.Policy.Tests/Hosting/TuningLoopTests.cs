using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;
using Tuner.Policy.Tests.Telemetry;

namespace Tuner.Policy.Tests.Hosting;

public sealed class TuningLoopTests
{
    private static readonly KnobSettings Speculating = FileEngine.Operators with { Speculation = true };

    [TestCase(TunerMode.Shadow, "shadowed"), TestCase(TunerMode.Advisory, "advised")]
    public async Task Step_ModesThatDoNotAct_DecideAndTouchNothing(TunerMode mode, string verdict)
    {
        using var rig = new Rig(guard => guard.Mode = mode);

        await rig.UntilAsync(verdict);

        Assert.That(rig.Engine.Applied, Is.Zero);
        Assert.That(rig.Status.Recommended, Is.EqualTo(Speculating));
    }

    [Test]
    public void Mode_ByDefault_IsShadow() => Assert.That(new SafetyOptions().Mode, Is.EqualTo(TunerMode.Shadow));

    [Test]
    public async Task Step_ChangeThatBreaksTheObjective_IsRolledBack()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Serve = settings => settings.Speculation ? FileEngine.Broken : FileEngine.Good;

        await rig.UntilAsync("changed");
        await rig.StepAsync();

        Assert.That(rig.Status.Verdict, Is.EqualTo("rolled-back"));
        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
    }

    [Test]
    public async Task Step_NothingComesOutWhileRequestsPileUp_IsRolledBack()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Serve = settings => settings.Speculation ? FileEngine.Good with { Completed = 0, Waiting = 400, Attainment = 1 } : FileEngine.Good;

        await rig.UntilAsync("changed");
        await rig.StepAsync(3);

        Assert.That(rig.Status.Verdict, Is.EqualTo("rolled-back"));
    }

    [Test]
    public async Task Step_LatencyHalfAsLongAgain_TripsTheKillSwitchUntilItsFileIsDeleted()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        await rig.UntilAsync("changed");
        await rig.StepAsync(5);
        rig.Engine.Serve = settings => settings.Speculation ? FileEngine.Terrible : FileEngine.Good;

        await rig.UntilAsync("killed", atMost: 2);
        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
        Assert.That(rig.Status.Killed, Does.StartWith("time to first token, 90th percentile: 3.000 s, usually 0.200 s"));
        rig.Restart();
        await rig.StepAsync(30);
        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
        Assert.That(rig.Status.Mode, Is.EqualTo(TunerMode.Shadow));

        rig.Engine.Serve = _ => FileEngine.Good;
        File.Delete(Path.Combine(rig.StateFolder, "kill-switch"));
        await rig.UntilAsync("changed");
        Assert.That(rig.Engine.Now, Is.EqualTo(Speculating));
    }

    [Test]
    public async Task Step_SlowUnderTheOperatorsSettings_BlamesNobody()
    {
        using var rig = new Rig(guard => (guard.Mode, guard.MaxChangesPerMinute) = (TunerMode.Active, 0));
        await rig.StepAsync(5);
        rig.Engine.Serve = _ => FileEngine.Terrible;

        await rig.StepAsync(10);

        Assert.That(rig.Status.Killed, Is.Null);
    }

    [Test]
    public async Task Step_KillFileMade_RestoresTheOperatorsSettings()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        await rig.UntilAsync("changed");

        File.WriteAllText(Path.Combine(rig.StateFolder, "kill-switch"), "");
        await rig.StepAsync();

        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
        Assert.That(rig.Status.Killed, Is.EqualTo("kill-switch exists"));
    }

    [TestCase("Tuner:Kill", "true"), TestCase("Tuner:Mode", "Shadow")]
    public async Task Step_TurnedDownByOption_RestoresTheOperatorsSettings(string option, string value)
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        await rig.UntilAsync("changed");

        rig.Configuration[option] = value;
        rig.Configuration.Reload();
        await rig.StepAsync();

        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
    }

    [Test]
    public async Task Step_OptionsMadeInvalid_LastGoodOnesStay()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        await rig.StepAsync();

        rig.Configuration["Tuner:TrialWindows"] = "0";
        rig.Configuration.Reload();

        await rig.UntilAsync("changed");
    }

    [Test]
    public async Task Step_TrafficUnlikeTraining_IsRefusedWithItsDistance()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Serve = _ => FileEngine.Good with { MeanPromptTokens = 1e6 };

        await rig.StepAsync(10);

        Assert.That(rig.Status.Verdict, Is.EqualTo("refused"));
        Assert.That(rig.Status.Reason, Is.EqualTo("prompt_tokens_recent_log lies 4.4 standard deviations from training; at most 3.0 are accepted"));
        Assert.That(rig.Engine.Applied, Is.Zero);
    }

    [Test]
    public async Task Step_FieldsTheEngineCannotTell_CountAsTheirTrainingMean()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Shadow);
        rig.Engine.Tell = _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good with { MeanPromptTokens = 1e6 }, default) { Untold = ["prompt_tokens_recent_log", "kv_use"] });

        await rig.StepAsync();

        JsonElement line = JsonDocument.Parse(rig.AuditLines()[1]).RootElement;
        Assert.That(line.GetProperty("verdict").GetString(), Is.EqualTo("held"));
        Assert.That(line.GetProperty("observation")[ObservationSchema.FieldNames.ToList().IndexOf("kv_use")].GetSingle(), Is.Zero);
    }

    [Test]
    public async Task Restart_AfterAChangeProvedGood_GoesOnFromThere()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        await rig.UntilAsync("changed");
        await rig.StepAsync(5);

        rig.Restart();
        await rig.StepAsync(10);

        Assert.That(rig.Engine.Applied, Is.EqualTo(1));
        Assert.That(rig.Status.Settings, Is.EqualTo(Speculating));
    }

    [Test]
    public async Task Audit_EveryDecision_IsALineWithItsOutcome()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Capabilities = KnobCapabilities.AllLive.With(Knob.Parallelism, KnobCapability.None);
        await rig.UntilAsync("changed");
        await rig.StepAsync();

        JsonElement[] lines = [.. rig.AuditLines().Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(lines[0].GetProperty("fields").GetArrayLength(), Is.EqualTo(ObservationSchema.FieldCount));
        JsonElement changed = lines.Single(line => line.TryGetProperty("verdict", out JsonElement verdict) && verdict.GetString() == "changed");
        Assert.That(changed.GetProperty("observation").GetArrayLength(), Is.EqualTo(ObservationSchema.FieldCount));
        Assert.That(changed.GetProperty("masked").EnumerateArray().Select(value => value.GetString()), Does.Contain("Parallelism=0").And.Not.Contain("Speculation=1"));
        Assert.That(changed.GetProperty("choice").GetProperty("speculation").GetBoolean());
        Assert.That(changed.GetProperty("applied").GetProperty("speculation").GetBoolean());
        Assert.That(changed.GetProperty("current").GetProperty("speculation").GetBoolean(), Is.False);
        Assert.That(changed.GetProperty("probability").GetDouble(), Is.InRange(0.001, 1));
        Assert.That(changed.GetProperty("mode").GetString(), Is.EqualTo("Active"));
        JsonElement outcome = lines.Single(line => line.GetProperty("kind").GetString() == "outcome" && line.GetProperty("id").GetString() == changed.GetProperty("id").GetString());
        Assert.That(outcome.GetProperty("window").GetProperty("completed").GetInt32(), Is.EqualTo(50));
    }

    [Test]
    public async Task Audit_FullLog_IsRotatedAndTheOldestDropped()
    {
        using var rig = new Rig(_ => { }, configure: options => (options.AuditBytes, options.AuditFiles) = (4096, 2));

        await rig.StepAsync(40);

        string[] names = [.. Directory.GetFiles(rig.StateFolder, "audit*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        Assert.That(names, Is.EqualTo(new[] { "audit.1.jsonl", "audit.2.jsonl", "audit.jsonl" }));
        foreach (string name in names)
        {
            string[] lines = File.ReadAllLines(Path.Combine(rig.StateFolder, name));
            Assert.That(lines[0], Does.StartWith("{\"kind\":\"header\""));
            Assert.That(lines.Select(line => JsonDocument.Parse(line).RootElement.ValueKind), Is.All.EqualTo(JsonValueKind.Object));
        }
    }

    [Test]
    public async Task Health_FollowsTheLoop()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        HealthCheckService health = rig.Services.GetRequiredService<HealthCheckService>();
        async Task<HealthStatus> Now() => (await health.CheckHealthAsync()).Entries["tuner"].Status;

        Assert.That(await Now(), Is.EqualTo(HealthStatus.Degraded), "before the first window");
        await rig.StepAsync();
        Assert.That(await Now(), Is.EqualTo(HealthStatus.Healthy));
        rig.Engine.ReadBackFails = new IOException("down");
        await rig.StepAsync();
        Assert.That(await Now(), Is.EqualTo(HealthStatus.Unhealthy), "settings unknown");
        rig.Engine.ReadBackFails = null;
        await rig.StepAsync();
        Assert.That(await Now(), Is.EqualTo(HealthStatus.Healthy));
        rig.Time.Advance(TimeSpan.FromHours(1));
        Assert.That(await Now(), Is.EqualTo(HealthStatus.Unhealthy), "loop stands still");
    }

    [Test]
    public async Task Metrics_OfAWindow_AreMeasured()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        var seen = new HashSet<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, own) => { if (instrument.Meter.Name == "Tuner") own.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => { lock (seen) seen.Add(instrument.Name); });
        listener.SetMeasurementEventCallback<int>((instrument, _, _, _) => { lock (seen) seen.Add(instrument.Name); });
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => { lock (seen) seen.Add(instrument.Name); });
        listener.Start();

        await rig.UntilAsync("changed");

        string[] expected = ["tuner.windows", "tuner.changes", "tuner.decision.duration", "tuner.change.duration", "tuner.telemetry.age", "tuner.traffic.distance", "tuner.settings.known", "tuner.mode"];
        Assert.That(expected, Is.SubsetOf(seen));
    }

    [Test]
    public async Task Start_EverythingWrong_IsToldAtOnce()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTuner("nowhere.tuner", options => options.Window = TimeSpan.Zero)
            .KeepWithin(guard => (guard.TrialWindows, guard.KillWorsening) = (0, double.NaN));
        using IHost host = builder.Build();

        OptionsValidationException problem = (await Assert.ThrowsAsync<OptionsValidationException>(async () => await host.StartAsync()))!;

        string all = string.Join('\n', problem.Failures);
        Assert.That(all, Does.Contain("TunerOptions.Window is 00:00:00; expected above 0.").And.Contain("No telemetry").And.Contain("No actuator"));
        Assert.That(all, Does.Contain("SafetyOptions.TrialWindows is 0; expected at least 1.").And.Contain("SafetyOptions.KillWorsening is NaN"));
    }

    [Test]
    public void Start_NoPolicyThere_IsSaid()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTuner("nowhere.tuner").ReadTelemetryFrom(_ => new FileEngine("")).WatchOnly(FileEngine.Operators);
        using IHost host = builder.Build();

        Assert.That(async () => await host.StartAsync(), Throws.TypeOf<OptionsValidationException>().With.Message.EqualTo("nowhere.tuner is not there."));
    }

    [Test]
    public async Task Host_FiveLinesAndAVllmPage_Shadows()
    {
        using var folder = new Rig(_ => { });
        using var server = new VllmServer { Running = 5 };
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder.Folder });
        builder.Services.AddTuner("chat.tuner", options => options.Window = TimeSpan.FromMilliseconds(20))
            .ReadVllmMetrics(ExamplePolicy.Contract.Objective, server.Address)
            .WatchOnly(FileEngine.Operators)
            .KeepWithin(guard => guard.MaxChangesPerMinute = 4);
        using IHost host = builder.Build();

        await host.StartAsync();
        TunerMonitor monitor = host.Services.GetRequiredService<TunerMonitor>();
        for (int i = 0; i < 500 && monitor.Status.Recommended != Speculating; i++)
        {
            server.Finish(1000, 200, 0.1, 0.01);
            await Task.Delay(20);
        }

        await host.StopAsync();
        Assert.That(monitor.Status.Recommended, Is.EqualTo(Speculating), monitor.Status.Reason);
    }

    [Test]
    public async Task Host_TelemetryThatCannotBeMade_LivesOn()
    {
        using var folder = new Rig(_ => { });
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder.Folder });
        builder.Services.AddTuner("chat.tuner", options => options.Window = TimeSpan.FromMilliseconds(20))
            .ReadTelemetryFrom(_ => throw new InvalidOperationException("no licence"))
            .WatchOnly(FileEngine.Operators);
        using IHost host = builder.Build();

        await host.StartAsync();
        TunerMonitor monitor = host.Services.GetRequiredService<TunerMonitor>();
        for (int i = 0; i < 500 && monitor.Status.Windows < 2; i++)
            await Task.Delay(20);

        Assert.That(monitor.Status.Reason, Is.EqualTo("no licence"));
        Assert.That(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested, Is.False);
        await host.StopAsync();
    }

    [Test]
    public async Task Host_RealTimerAndEverythingFailing_LivesOn()
    {
        using var folder = new Rig(_ => { });
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder.Folder });
        int asked = 0;
        folder.Engine.Tell = _ => ++asked % 2 == 0 ? throw new InvalidOperationException("down") : Task.FromResult<TelemetryReading?>(new(FileEngine.Good, default));
        folder.Engine.OnApply = _ => throw new InvalidOperationException("no");
        builder.Services.AddTuner("chat.tuner", options => options.Window = TimeSpan.FromMilliseconds(20))
            .ReadTelemetryFrom(_ => folder.Engine)
            .ApplyKnobsWith(_ => folder.Engine)
            .KeepWithin(guard => (guard.Mode, guard.CoolDown, guard.MaxChangesPerMinute) = (TunerMode.Active, TimeSpan.Zero, 100));
        using IHost host = builder.Build();

        await host.StartAsync();
        TunerMonitor monitor = host.Services.GetRequiredService<TunerMonitor>();
        for (int i = 0; i < 500 && monitor.Status.Killed is null; i++)
            await Task.Delay(20);
        Assert.That(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested, Is.False);
        await host.StopAsync();

        Assert.That(monitor.Status.Killed, Does.StartWith("3 changes in a row failed"));
        Assert.That(folder.Engine.Now, Is.EqualTo(FileEngine.Operators));
    }
}
