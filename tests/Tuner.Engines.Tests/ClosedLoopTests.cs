using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Tuner.Env.Scenarios;
using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Tests;

namespace Tuner.Engines.Tests;

/// <summary>
/// The loop closed with nothing mocked: <c>tuner engine</c> in one process, a host with Tuner in another, HTTP between them, both at
/// <see cref="Speed"/> times real time; each is killed and started again.
/// </summary>
public sealed class ClosedLoopTests
{
    private const int Speed = 25;

    /// <summary>Longer than the minute a knob rests and the two decisions that must agree.</summary>
    private const int WindowsOfRest = 9;

    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly List<Process> started = [];
    private string folder = "";
    private int port;

    [TearDown]
    public void End()
    {
        foreach (Process process in started)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        started.Clear();
        Directory.Delete(folder, recursive: true);
    }

    [OneTimeTearDown]
    public void EndClient() => client.Dispose();

    [Test]
    [CancelAfter(180_000)]
    [Retry(2)] // two processes in real time: where the cores are starved, one of them may not answer in time
    public async Task Loop_EitherSideKilledAndStartedAgain_EndsInKnownSettingsAndActsAgain(CancellationToken cancellation)
    {
        folder = Directory.CreateTempSubdirectory("tuner-loop-").FullName;
        port = LoopbackPort.Free();
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        SpeculationOn(scenario).Save(Path.Combine(folder, "policy.tuner"));
        Process engine = StartEngine();
        EngineSettings operators = await UntilAsync("engine started, until it answers", _ => true, cancellation);
        Assert.That(operators.Speculation, Is.False);

        // A decision reaches the engine.
        Process host = StartHost();
        await UntilAsync("host started, until its change is in force", now => now.Speculation, cancellation);
        await ChangedAsync(1, cancellation);

        // The host dies while its change is on trial: what was unproven is taken back, then the loop acts again.
        Kill(host);
        Assert.That((await UntilAsync("host killed, until the engine answers", _ => true, cancellation)).Speculation, Is.True, "the engine runs on");
        host = StartHost();
        Assert.That(await UntilAsync("host started again, until the operator's settings are back", now => !now.Speculation, cancellation), Is.EqualTo(operators));
        await UntilAsync("then, until it acts again", now => now.Speculation, cancellation);
        await ChangedAsync(2, cancellation);

        // The engine dies and comes back as its operator starts it: Tuner sees another hand, and goes on from there.
        Kill(engine);
        await Task.Delay(500, cancellation);
        StartEngine();
        Assert.That(await UntilAsync("engine started again, until it answers", _ => true, cancellation), Is.EqualTo(operators));
        EngineSettings tuned = await UntilAsync("then, until Tuner acts again", now => now.Speculation, cancellation);
        Assert.That(tuned, Is.EqualTo(operators with { Speculation = true }));
        await ChangedAsync(3, cancellation);
        Assert.That(Verdicts(), Does.Contain("failed"), "windows without an engine are told");

        // The kill switch: the operator's settings, and nothing after, for longer than a knob rests.
        await File.WriteAllTextAsync(Path.Combine(folder, "tuner-state", "kill-switch"), "enough", cancellation);
        Assert.That(await UntilAsync("kill switch, until the operator's settings are back", now => !now.Speculation, cancellation), Is.EqualTo(operators));
        await SettledAsync(cancellation);
        int windows = Verdicts().Count;
        while (Verdicts().Count < windows + WindowsOfRest)
            await Task.Delay(100, cancellation);
        Assert.That(Changes(), Is.EqualTo(3));
        Assert.That(await UntilAsync("still", _ => true, cancellation), Is.EqualTo(operators));
    }

    /// <summary>Waits until the state file says that no change is under way and that the operator's settings are all there is.</summary>
    private async Task SettledAsync(CancellationToken cancellation)
    {
        while (true)
        {
            using JsonDocument state = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "tuner-state", "state.json"), cancellation));
            JsonElement root = state.RootElement;
            if (!root.TryGetProperty("intent", out _) && !root.GetProperty("acted").GetBoolean())
            {
                JsonElement of = root.GetProperty("operator");
                Assert.That(of.GetProperty("speculation").GetBoolean(), Is.False);
                Assert.That(root.GetProperty("current").GetRawText(), Is.EqualTo(of.GetRawText()));
                Assert.That(root.GetProperty("lastGood").GetRawText(), Is.EqualTo(of.GetRawText()));
                return;
            }

            await Task.Delay(50, cancellation);
        }
    }

    /// <summary>Waits until the audit log tells of so many changes.</summary>
    private async Task ChangedAsync(int times, CancellationToken cancellation)
    {
        while (Changes() < times)
            await Task.Delay(20, cancellation);
        Assert.That(Changes(), Is.EqualTo(times));
    }

    private int Changes() => Verdicts().Count(verdict => verdict == "changed");

    /// <summary>The verdicts of all windows so far.</summary>
    private List<string> Verdicts()
    {
        // Whole lines only, and without a lock that would keep the host from writing.
        using var reader = new StreamReader(new FileStream(Path.Combine(folder, "tuner-state", "audit.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        string text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Verdict).OfType<string>()];
    }

    private static string? Verdict(string line)
    {
        using JsonDocument entry = JsonDocument.Parse(line);
        return entry.RootElement.TryGetProperty("verdict", out JsonElement verdict) ? verdict.GetString() : null;
    }

    private string Audit()
    {
        string path = Path.Combine(folder, "tuner-state", "audit.jsonl");
        return File.Exists(path) ? string.Join(Environment.NewLine, File.ReadLines(path).TakeLast(8)) : "no audit log";
    }

    /// <summary>A policy made by hand that wants speculation and otherwise what the scenario begins with.</summary>
    private static PolicyFile SpeculationOn(Scenario scenario)
    {
        int inputs = ObservationSchema.FieldCount;
        float[] biases = new float[KnobSpace.LogitCount];
        int[] action = new int[KnobSpace.HeadCount];
        KnobSpace.ActionTowards(scenario.DefaultSettings, scenario.DefaultSettings with { Speculation = true }, action);
        for (int head = 0; head < action.Length; head++)
            biases[KnobSpace.LogitOf((Knob)head, action[head])] = 1;
        float[] variance = new float[inputs];
        Array.Fill(variance, 10);
        return new PolicyFile(
            ObservationSchema.Version, ObservationSchema.FieldNames, KnobSpace.HeadSizes.ToArray(),
            new ObservationNormalizer(new float[inputs], variance, 10),
            new PolicyNetwork([new DenseLayer(new float[inputs * KnobSpace.LogitCount], biases)]),
            new PolicyManifest
            {
                Scenario = scenario.Name,
                Kind = "by hand",
                Serving = scenario.Contract,
            });
    }

    private Process StartEngine() => Start(
        Path.Combine(AppContext.BaseDirectory, "tuner.dll"), "engine", "--scenario", "llama8b-1xh100", "--traffic", "conversation", "--port", $"{port}", "--speed", $"{Speed}");

    private Process StartHost() => Start(typeof(LoopHost).Assembly.Location, "host", folder, $"{port}", $"{Speed}");

    private Process Start(params string[] arguments)
    {
        Process process = Process.Start(new ProcessStartInfo("dotnet", arguments))!;
        started.Add(process);
        return process;
    }

    private static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Asks the engine what it runs with until it answers as wished.</summary>
    private async Task<EngineSettings> UntilAsync(string what, Func<EngineSettings, bool> wished, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60))
        {
            try
            {
                EngineSettings now = (await client.GetFromJsonAsync(new Uri($"http://127.0.0.1:{port}/admin/settings"), EngineSettings.JsonType, cancellation))!;
                if (!now.Changing && wished(now))
                {
                    await TestContext.Progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what}: {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s, {Stopwatch.GetElapsedTime(began).TotalSeconds * Speed / 10:0.0} windows"));
                    return now;
                }
            }
            catch (Exception problem) when (problem is HttpRequestException || (problem is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                // Not up yet, or slow to answer.
            }

            await Task.Delay(50, cancellation);
        }

        throw new TimeoutException($"The engine never ran as wished ({what}).{Environment.NewLine}{Audit()}");
    }
}
