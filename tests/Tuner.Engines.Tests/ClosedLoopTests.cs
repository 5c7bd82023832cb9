using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Tuner.Env.Scenarios;
using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Engines.Tests;

/// <summary>
/// The loop closed with nothing mocked: <c>tuner engine</c> in one process, a host with Tuner in another, HTTP between them, both at
/// <see cref="Speed"/> times real time; each is killed and started again.
/// </summary>
public sealed class ClosedLoopTests
{
    private const int Speed = 25;

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

        client.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    [CancelAfter(90_000)]
    public async Task Loop_EitherSideKilledAndStartedAgain_EndsInKnownSettingsAndActsAgain(CancellationToken cancellation)
    {
        folder = Directory.CreateTempSubdirectory("tuner-loop-").FullName;
        port = Example.FreePort();
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        SpeculationOn(scenario).Save(Path.Combine(folder, "policy.tuner"));
        Process engine = StartEngine();
        EngineSettings operators = await UntilAsync(_ => true, cancellation);
        Assert.That(operators.Speculation, Is.False);

        // A decision reaches the engine.
        Process host = StartHost();
        await UntilAsync(now => now.Speculation, cancellation);

        // The host dies while its change is on trial: what was unproven is taken back, then the loop acts again.
        Kill(host);
        Assert.That((await UntilAsync(_ => true, cancellation)).Speculation, Is.True, "the engine runs on");
        host = StartHost();
        Assert.That(await UntilAsync(now => !now.Speculation, cancellation), Is.EqualTo(operators));
        await UntilAsync(now => now.Speculation, cancellation);

        // The engine dies and comes back as its operator starts it: Tuner sees another hand, and goes on from there.
        Kill(engine);
        await Task.Delay(500, cancellation);
        StartEngine();
        Assert.That(await UntilAsync(_ => true, cancellation), Is.EqualTo(operators));
        EngineSettings tuned = await UntilAsync(now => now.Speculation, cancellation);
        Assert.That(tuned, Is.EqualTo(operators with { Speculation = true }));

        // The kill switch: the operator's settings, and nothing after.
        File.WriteAllText(Path.Combine(folder, "tuner-state", "kill-switch"), "enough");
        Assert.That(await UntilAsync(now => !now.Speculation, cancellation), Is.EqualTo(operators));
        Kill(host);

        string[] verdicts = [.. File.ReadLines(Path.Combine(folder, "tuner-state", "audit.jsonl")).Select(Verdict)];
        Assert.That(verdicts.Count(verdict => verdict == "changed"), Is.GreaterThanOrEqualTo(3));
        using JsonDocument state = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tuner-state", "state.json")));
        Assert.That(state.RootElement.ToString(), Does.Contain("\"Intent\":null").Or.Contains("\"intent\":null").Or.Not.Contains("ntent"), "nothing is left half done");
    }

    private static string? Verdict(string line)
    {
        using JsonDocument entry = JsonDocument.Parse(line);
        return entry.RootElement.TryGetProperty("verdict", out JsonElement verdict) ? verdict.GetString() : null;
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
                Serving = new()
                {
                    BatchLadder = scenario.Knobs.BatchLadder,
                    BatchWaitLadder = scenario.Knobs.BatchWaitLadder,
                    Drafts = scenario.Knobs.Drafts,
                    Objective = scenario.Objective,
                    QualityBudget = scenario.Quality.Budget,
                },
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
    private async Task<EngineSettings> UntilAsync(Func<EngineSettings, bool> wished, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(25))
        {
            try
            {
                EngineSettings now = (await client.GetFromJsonAsync(new Uri($"http://127.0.0.1:{port}/admin/settings"), EngineSettings.JsonType, cancellation))!;
                if (!now.Changing && wished(now))
                {
                    await TestContext.Progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"speculation {now.Speculation} after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
                    return now;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }

            await Task.Delay(50, cancellation);
        }

        throw new TimeoutException("The engine never ran as wished.");
    }
}
