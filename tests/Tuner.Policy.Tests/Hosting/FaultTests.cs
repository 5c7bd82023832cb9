using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;
using Tuner.Policy.Telemetry;

namespace Tuner.Policy.Tests.Hosting;

/// <summary>Whatever breaks, the engine ends in known settings and nothing reaches the host.</summary>
public sealed class FaultTests
{
    private static readonly KnobSettings Speculating = FileEngine.Operators with { Speculation = true };

    public static IEnumerable<TestCaseData> BadTelemetry()
    {
        static TestCaseData Case(string name, string kind, Func<CancellationToken, Task<TelemetryReading?>> tell) => new TestCaseData(kind, tell).SetArgDisplayNames(name);
        yield return Case("endpoint down", "failed", _ => throw new HttpRequestException("connection refused"));
        yield return Case("nothing told", "missing", _ => Task.FromResult<TelemetryReading?>(null));
        yield return Case("stale", "stale", _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good, TimeSpan.FromMinutes(2))));
        yield return Case("from the future", "stale", _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good, TimeSpan.FromMinutes(-2))));
        yield return Case("NaN", "unsound", _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good with { TtftP90 = double.NaN }, default)));
        yield return Case("infinite", "unsound", _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good with { OutputTokensPerSecond = double.PositiveInfinity }, default)));
        yield return Case("share of 7", "unsound", _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good with { KvUse = 7 }, default)));
        yield return Case("no length", "unsound", _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good with { Seconds = 0 }, default)));
        yield return Case("unknown field untold", "any", _ => Task.FromResult<TelemetryReading?>(new(FileEngine.Good, default) { Untold = ["no_such_field"] }));
    }

    [TestCaseSource(nameof(BadTelemetry))]
    public async Task Step_BadTelemetry_HoldsStillThenRestoresTheOperatorsSettings(string kind, Func<CancellationToken, Task<TelemetryReading?>> tell)
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        await rig.UntilAsync("changed");
        await rig.StepAsync(5);
        Assert.That(rig.Engine.Now, Is.EqualTo(Speculating));

        rig.Engine.Tell = tell;
        await rig.StepAsync();
        Assert.That(rig.Engine.Now, Is.EqualTo(Speculating));
        Assert.That(rig.Status.Verdict, Is.EqualTo(kind == "any" ? "failed" : "refused"));
        if (kind == "any")
            return;

        await rig.StepAsync(31);
        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));

        rig.Engine.Tell = null;
        await rig.UntilAsync("changed");
        Assert.That(rig.Engine.Now, Is.EqualTo(Speculating));
    }

    [Test]
    public async Task Step_TelemetryHangs_IsGivenUp()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        var asked = new TaskCompletionSource();
        rig.Engine.Tell = _ =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource<TelemetryReading?>().Task;
        };

        Task step = rig.StepAsync();
        await asked.Task;
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        await step;

        Assert.That(rig.Status.Reason, Is.EqualTo("no answer within 5 s"));
        Assert.That(rig.Engine.Applied, Is.Zero);
    }

    [Test]
    public async Task Step_ActuatorFailsHalfWay_ReturnsToTheLastGoodSettings()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active, ExamplePolicy.Wanting((Knob.Speculation, 1), (Knob.KvPrefetch, 1)));
        int failures = 1;
        rig.Engine.Step = step =>
        {
            if (step == "half" && failures-- > 0)
                throw new IOException("connection reset");
        };

        await rig.UntilAsync("failed");

        Assert.That(rig.Status.Reason, Is.EqualTo("connection reset"));
        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
        Assert.That(rig.Status.Settings, Is.EqualTo(FileEngine.Operators));
    }

    [Test]
    public async Task Step_ActuatorLiesOnce_ReturnsToTheLastGoodSettings()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Twist = settings => settings.Speculation ? settings with { KvCompression = true } : settings;

        await rig.UntilAsync("failed");

        Assert.That(rig.Status.Reason, Does.StartWith("asked for Speculation 0→1, the engine reads back otherwise (KvCompression 0→1)"));
        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
    }

    [Test]
    public async Task Step_ActuatorIgnoresEveryChange_TripsTheKillSwitch()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Twist = _ => FileEngine.Operators;

        await rig.UntilAsync("killed");

        Assert.That(rig.Status.Killed, Does.StartWith("3 changes in a row failed"));
        Assert.That(rig.Engine.Applied, Is.EqualTo(3));
        await rig.StepAsync(50);
        Assert.That(rig.Engine.Applied, Is.EqualTo(3));
    }

    [Test]
    public async Task Step_ActuatorAlwaysLies_SettingsAreCalledUnknownUntilItMendsItself()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Twist = settings => settings with { KvCompression = true };
        await rig.UntilAsync("failed");
        Assert.That(rig.Status.Settings, Is.Null);

        rig.Engine.Twist = settings => settings;
        await rig.StepAsync();

        Assert.That(rig.Status.Settings, Is.EqualTo(FileEngine.Operators));
        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
    }

    [Test]
    public async Task Step_ActuatorHangs_IsGivenUpAndUndone()
    {
        using var rig = new Rig(guard => (guard.Mode, guard.CoolDown) = (TunerMode.Active, TimeSpan.Zero));
        bool hang = true;
        var asked = new TaskCompletionSource();
        rig.Engine.OnApply = _ =>
        {
            asked.TrySetResult();
            return hang ? new TaskCompletionSource().Task : Task.CompletedTask;
        };
        await rig.StepAsync();

        Task step = rig.StepAsync();
        await asked.Task;
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        await step;

        Assert.That(rig.Status.Reason, Is.EqualTo("no answer within 600 s"));
        Assert.That(rig.Status.Settings, Is.EqualTo(FileEngine.Operators));
        hang = false;
        await rig.UntilAsync("changed");
    }

    [Test]
    public async Task Step_ReadBackFails_NothingIsTouched()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.ReadBackFails = new IOException("connection refused");
        await rig.StepAsync(10);
        Assert.That(rig.Engine.Applied, Is.Zero);
        Assert.That(rig.Status.Settings, Is.Null);

        rig.Engine.ReadBackFails = null;
        await rig.UntilAsync("changed");
    }

    [Test]
    public async Task Step_EngineRestartedByAnotherHand_StartsFromThere()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        await rig.UntilAsync("changed");
        int applied = rig.Engine.Applied;

        rig.Engine.Now = FileEngine.Operators with { MaxBatchLevel = 2 };
        await rig.StepAsync(5);

        Assert.That(rig.Engine.Applied, Is.EqualTo(applied), "knobs rest first");
        Assert.That(rig.Status.Settings, Is.EqualTo(FileEngine.Operators with { MaxBatchLevel = 2 }));
    }

    [Test]
    public async Task Step_EngineRunsWithARungThePolicyDoesNotKnow_IsRefused()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        rig.Engine.Now = FileEngine.Operators with { MaxBatchLevel = 7 };

        await rig.StepAsync(10);

        Assert.That(rig.Status.Reason, Is.EqualTo("the engine reads back MaxBatch 7; the policy knows 0 to 2"));
        Assert.That(rig.Engine.Applied, Is.Zero);
    }

    [TestCase(-400), TestCase(400)]
    public async Task Step_WallClockJumps_ChangesNothing(int days)
    {
        using var steady = new Rig(guard => guard.Mode = TunerMode.Active);
        using var jumping = new Rig(guard => guard.Mode = TunerMode.Active);
        for (int i = 0; i < 20; i++)
        {
            await steady.StepAsync();
            if (i is 1 or 7)
                jumping.Time.Jump += TimeSpan.FromDays(i == 1 ? days : -days);
            await jumping.StepAsync();
            Assert.That(jumping.Status.Verdict, Is.EqualTo(steady.Status.Verdict));
            Assert.That(jumping.Engine.Now, Is.EqualTo(steady.Engine.Now));
        }

        Assert.That(steady.Engine.Applied, Is.EqualTo(1));
    }

    [Test]
    public async Task Step_PolicyReplacedByGarbage_OldPolicyDecides()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        byte[] good = File.ReadAllBytes(rig.PolicyPath);
        await rig.StepAsync(4);

        foreach (byte[] bad in new[] { "garbage"u8.ToArray(), good[..(good.Length / 2)], [] })
        {
            File.WriteAllBytes(rig.PolicyPath, bad);
            await rig.StepAsync();
            Assert.That(rig.Status.PolicyProblem, Is.Not.Null);
        }

        await rig.UntilAsync("changed");
        Assert.That(rig.Engine.Now, Is.EqualTo(Speculating));
        File.Delete(rig.PolicyPath);
        await rig.StepAsync();
        Assert.That(rig.Status.PolicyProblem, Is.EqualTo("chat.tuner is not there."));

        ExamplePolicy.Wanting((Knob.KvPrefetch, 1)).Save(rig.PolicyPath);
        await rig.StepAsync();
        Assert.That(rig.Status.PolicyProblem, Is.Null);
        Assert.That(rig.Status.Recommended, Is.EqualTo(FileEngine.Operators with { KvPrefetch = true, Speculation = rig.Status.Recommended!.Value.Speculation }));
    }

    [Test]
    public async Task Step_StateCannotBeWritten_EngineIsNotTouched()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active);
        Directory.CreateDirectory(Path.Combine(rig.StateFolder, "state.json"));

        await rig.StepAsync(10);

        Assert.That(rig.Engine.Applied, Is.Zero);
        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
    }

    [Test]
    public async Task Step_StateFileDamaged_WhatRunsCountsAsTheOperators()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Shadow);
        Directory.CreateDirectory(rig.StateFolder);
        File.WriteAllText(Path.Combine(rig.StateFolder, "state.json"), "{ \"operator\": ");

        await rig.StepAsync();

        Assert.That(rig.Status.Settings, Is.EqualTo(FileEngine.Operators));
        Assert.That(File.Exists(Path.Combine(rig.StateFolder, "state.json.damaged")));
    }

    [Test]
    public async Task Restart_KilledAtAnyStep_EndsInKnownSettings()
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active, ExamplePolicy.Wanting((Knob.Speculation, 1), (Knob.KvPrefetch, 1)));
        var snapshots = new List<(string At, string Folder)>();
        void Snapshot(string at)
        {
            string copy = Directory.CreateTempSubdirectory("tuner-killed-").FullName;
            foreach (string path in Directory.GetFiles(rig.Folder, "*", SearchOption.AllDirectories))
            {
                string target = Path.Combine(copy, Path.GetRelativePath(rig.Folder, path));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(path, target);
            }

            snapshots.Add((at, copy));
        }

        // A change, its roll-back, and another change that proves good: whatever a power cut would leave is copied at each step.
        rig.Engine.Step = step => Snapshot($"{step} of change {rig.Engine.Applied}");
        rig.Engine.Serve = settings => rig.Engine.Applied == 1 && settings.Speculation ? FileEngine.Broken : FileEngine.Good;
        for (int i = 0; i < 20; i++)
        {
            await rig.StepAsync();
            Snapshot($"window {i}");
        }

        Assert.That(rig.Engine.Applied, Is.EqualTo(3));
        KnobSettings[] known = [FileEngine.Operators, rig.Engine.Now];
        foreach ((string at, string folder) in snapshots)
        {
            using var again = new Rig(guard => guard.Mode = TunerMode.Active, folder: folder);
            await again.StepAsync();

            Assert.That(known, Does.Contain(again.Engine.Now), at);
            Assert.That(again.Status.Settings, Is.EqualTo(again.Engine.Now), at);
            JsonElement state = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "tuner-state", "state.json"))).RootElement;
            Assert.That(state.TryGetProperty("intent", out _), Is.False, at);
            Assert.That(state.GetProperty("operator").GetProperty("speculation").GetBoolean(), Is.False, at);
            await again.StepAsync();
            Assert.That(known, Does.Contain(again.Engine.Now), at);
        }
    }

    [TestCase(2, TestName = "Restart_KilledHalfWayThroughAChange_EndsInTheLastGoodSettings"), TestCase(3, TestName = "Restart_KilledAfterAChangeBeforeItWasNoted_EndsInTheLastGoodSettings"), TestCase(5, TestName = "Restart_KilledHalfWayThroughARollBack_EndsInTheLastGoodSettings")]
    public async Task Restart_ProcessKilled_EndsInTheLastGoodSettings(int step)
    {
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active, ExamplePolicy.Wanting((Knob.Speculation, 1), (Knob.KvPrefetch, 1)));
        CrashingHost.RunToItsDeath(rig.Folder, step);
        Assert.That(rig.Engine.Now, Is.Not.EqualTo(FileEngine.Operators), "it died in the middle");

        await rig.StepAsync();

        Assert.That(rig.Engine.Now, Is.EqualTo(FileEngine.Operators));
        Assert.That(rig.Status.Settings, Is.EqualTo(FileEngine.Operators));
    }

    [Test]
    public async Task Log_EngineDiedDuringAChange_DoesNotSpeakOfTheLastRun()
    {
        using var log = new KeptLog();
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active, more: tuner => tuner.Services.AddSingleton<ILoggerProvider>(log));
        rig.Engine.OnApply = _ =>
        {
            rig.Engine.ReadBackFails = new IOException("connection refused");
            throw new IOException("the engine died");
        };
        await rig.UntilAsync("failed");
        Assert.That(rig.Status.Settings, Is.Null);

        (rig.Engine.OnApply, rig.Engine.ReadBackFails) = (_ => Task.CompletedTask, null);
        await rig.StepAsync();

        Assert.That(rig.Status.Settings, Is.EqualTo(FileEngine.Operators));
        Assert.That(log.Lines.Select(line => line.Event), Does.Contain(7).And.Contain(19).And.Not.Contain(9));
        Assert.That(log.Lines.Single(line => line.Event == 19).Text, Does.StartWith("The engine is reached again after a change that failed (policy); it runs "));
    }

    [Test]
    public async Task Log_HostEndedDuringAChange_SpeaksOfTheLastRun()
    {
        using var log = new KeptLog();
        using var rig = new Rig(guard => guard.Mode = TunerMode.Active, ExamplePolicy.Wanting((Knob.Speculation, 1), (Knob.KvPrefetch, 1)), more: tuner => tuner.Services.AddSingleton<ILoggerProvider>(log));
        CrashingHost.RunToItsDeath(rig.Folder, step: 2);

        await rig.StepAsync();

        Assert.That(log.Lines.Select(line => line.Event), Does.Contain(9).And.Not.Contain(19));
    }
}
