using System.Diagnostics;
using System.Text.Json;
using Tuner.Engines.CommandLines;
using Tuner.Engines.Processes;
using Tuner.Policy.Knobs;
using Tuner.Policy.Tests;

namespace Tuner.Engines.Tests;

/// <summary>A real process, ended and started anew.</summary>
public sealed class ProcessActuatorTests
{
    private readonly HttpClient client = new();
    private string folder = "";
    private int port;
    private ProcessActuator actuator = null!;

    private Uri Address => new($"http://127.0.0.1:{port}/health");

    [SetUp]
    public void Begin()
    {
        folder = Directory.CreateTempSubdirectory("tuner-engine-").FullName;
        port = LoopbackPort.Free();
        actuator = Actuator();
    }

    [TearDown]
    public void End()
    {
        using Process? process = Running();
        process?.Kill();
        process?.WaitForExit();
        foreach (Process left in MarkedProcesses.Find(Path.GetFullPath(folder)))
        {
            left.Kill();
            left.WaitForExit();
            left.Dispose();
        }

        actuator.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [OneTimeTearDown]
    public void Close() => client.Dispose();

    [Test]
    public async Task Apply_ANewSetting_RunsInANewProcess()
    {
        await FirstAsync();
        int before = Record().Id;

        KnobSettings wanted = Example.First with { MaxBatchLevel = 1, Parallelism = ParallelismMode.Hybrid };
        await actuator.ApplyAsync(wanted, default);

        Assert.That(await actuator.ReadBackAsync(default), Is.EqualTo(wanted));
        Assert.That(Record().Id, Is.Not.EqualTo(before));
        Assert.That(IsAlive(before), Is.False, "one engine at a time");
        string told = await client.GetStringAsync(Address);
        Assert.That(told, Does.Contain("--max-num-seqs\n128").And.Contains("--pipeline-parallel-size\n2"), "the child says so itself");
    }

    [TestCase(true, TestName = "Apply_NewOneEndsAtOnce_OldOneRunsAgain")]
    [TestCase(false, TestName = "Apply_NewOneIsNeverHealthy_OldOneRunsAgain")]
    public async Task Apply_NewOneDoesNotComeUp_OldOneRunsAgain(bool ends)
    {
        await FirstAsync();
        KnobSettings bad = ends ? Example.First with { KvCompression = true } : Example.First with { MaxBatchLevel = 2 };

        InvalidOperationException problem = (await Assert.ThrowsAsync<InvalidOperationException>(async () => await actuator.ApplyAsync(bad, default)))!;

        Assert.That(problem.Message, Does.Contain("the old ones run again").And.Contains(ends ? "ended with code 3" : "not healthy within"));
        Assert.That(await actuator.ReadBackAsync(default), Is.EqualTo(Example.First));
        Assert.That(await client.GetStringAsync(Address), Does.Contain("--max-num-seqs\n64"));
    }

    [Test]
    public async Task ReadBack_EngineKilled_SaysSoAndStartsItAnewWithItsSettings()
    {
        await FirstAsync();
        KnobSettings wanted = Example.First with { MaxBatchLevel = 1 };
        await actuator.ApplyAsync(wanted, default);
        int dead = Record().Id;
        using (Process process = Running()!)
        {
            process.Kill();
            process.WaitForExit();
        }

        InvalidOperationException problem = (await Assert.ThrowsAsync<InvalidOperationException>(async () => await actuator.ReadBackAsync(default)))!;

        Assert.That(problem.Message, Does.Contain($"process {dead}, has ended by itself"));
        Assert.That(await UntilHealthyAsync(), Is.EqualTo(wanted));
        Assert.That(Record().Id, Is.Not.EqualTo(dead));
    }

    [Test]
    public async Task ReadBack_ByAHostStartedAnew_FindsTheSameProcess()
    {
        await FirstAsync();
        int before = Record().Id;

        using ProcessActuator second = Actuator();
        Assert.That(await second.ReadBackAsync(default), Is.EqualTo(Example.First));
        Assert.That(Record().Id, Is.EqualTo(before));
    }

    [Test]
    [Platform("Linux")]
    public async Task ReadBack_HostKilledBeforeItNotedTheNewEngine_EndsThatOneAndStartsTheNotedSettings()
    {
        using (Process host = Process.Start(new ProcessStartInfo("dotnet", [typeof(DyingHost).Assembly.Location, "dying-host", folder, $"{port}"]))!)
        {
            await host.WaitForExitAsync();
            Assert.That(host.ExitCode, Is.EqualTo(128 + 9), "it was killed");
        }

        File.Delete(Path.Combine(folder, "kill-host"));
        int[] left = Marked();
        Assert.That(left, Has.Length.EqualTo(1), "the engine outlives its host");
        bool noted = Record().Id == left[0];

        InvalidOperationException problem = (await Assert.ThrowsAsync<InvalidOperationException>(async () => await actuator.ReadBackAsync(default)))!;

        // Whether the engine was quicker than its host's pen is not for a test to say.
        Assert.That(problem.Message, noted ? Does.Contain("does not answer") : Does.Contain("after 1 processes of it that nobody knew of were ended"));
        Assert.That(await UntilHealthyAsync(), Is.EqualTo(noted ? Example.First with { MaxBatchLevel = 1 } : Example.First));
        Assert.That(Marked(), Is.EqualTo(new[] { Record().Id }), "one engine at a time");
        Assert.That(IsAlive(left[0]), Is.EqualTo(noted));
    }

    [Test]
    [Platform("Linux")]
    public async Task ReadBack_EngineNobodyNoted_IsEndedBeforeOneIsStarted()
    {
        await FirstAsync();
        int orphan = Record().Id;
        EngineProcessRecord record = Record();
        File.WriteAllBytes(Path.Combine(folder, "engine.json"), JsonSerializer.SerializeToUtf8Bytes(record with { Id = int.MaxValue }, EngineJson.Default.EngineProcessRecord));

        InvalidOperationException problem = (await Assert.ThrowsAsync<InvalidOperationException>(async () => await actuator.ReadBackAsync(default)))!;

        Assert.That(problem.Message, Does.Contain("after 1 processes of it that nobody knew of were ended"));
        Assert.That(IsAlive(orphan), Is.False);
        Assert.That(await UntilHealthyAsync(), Is.EqualTo(Example.First));
        Assert.That(Marked(), Is.EqualTo(new[] { Record().Id }));
    }

    [Test]
    public async Task ReadBack_ProcessIdGivenToAnother_IsNotTakenForTheEngine()
    {
        await FirstAsync();
        EngineProcessRecord record = Record();
        string path = Path.Combine(folder, "engine.json");
        using (Process process = Running()!)
        {
            process.Kill();
            process.WaitForExit();
        }

        // This test's own process, started at another time than the engine.
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(record with { Id = Environment.ProcessId }, EngineJson.Default.EngineProcessRecord));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await actuator.ReadBackAsync(default));
        Assert.That(await UntilHealthyAsync(), Is.EqualTo(Example.First));
    }

    [Test]
    public async Task Apply_NoSuchExecutable_SaysSo()
    {
        using ProcessActuator missing = Actuator(executable: Path.Combine(folder, "no-such-engine"));

        InvalidOperationException problem = (await Assert.ThrowsAsync<InvalidOperationException>(async () => await missing.ApplyAsync(Example.First, default)))!;

        Assert.That(problem.Message, Does.StartWith("the engine did not come up: "));
    }

    private ProcessActuator Actuator(string executable = "dotnet")
        => new(new DotnetFlags(new VllmFlags(Example.Setup("--port", $"{port}"))),
            new EngineProcessOptions { Executable = executable, Health = Address, First = Example.First, Folder = folder, StartLimit = TimeSpan.FromSeconds(4), EndLimit = TimeSpan.FromSeconds(5) },
            client, TimeProvider.System);

    private async Task FirstAsync()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await actuator.ReadBackAsync(default));
        Assert.That(await UntilHealthyAsync(), Is.EqualTo(Example.First));
    }

    private async Task<KnobSettings> UntilHealthyAsync()
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await actuator.ReadBackAsync(default);
            }
            catch (InvalidOperationException) when (i < 100)
            {
                await Task.Delay(100);
            }
        }
    }

    private EngineProcessRecord Record()
        => JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, "engine.json")), EngineJson.Default.EngineProcessRecord)!;

    private Process? Running() => File.Exists(Path.Combine(folder, "engine.json")) && IsAlive(Record().Id) && Record().Id != Environment.ProcessId ? Process.GetProcessById(Record().Id) : null;

    private int[] Marked()
    {
        List<Process> found = MarkedProcesses.Find(Path.GetFullPath(folder));
        int[] ids = [.. found.Select(process => process.Id)];
        found.ForEach(process => process.Dispose());
        return ids;
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
