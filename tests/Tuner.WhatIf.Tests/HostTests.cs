using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tuner.Docs.Tests;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.WhatIf.Tests;

internal sealed class HostTests
{
    [Test]
    public async Task ShadowMode_BesideASimulatedEngine_LogsTheCounterfactualGain()
    {
        string folder = Directory.CreateTempSubdirectory("tuner-whatif-").FullName;
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        KnobSettings current = scenario.DefaultSettings;
        (_, _, List<WindowMetrics> windows) = Truth.Serve(new EngineCostCache(scenario), "conversation", 15, current, seed: 3);
        ExamplePolicy.SpeculationOn().Save(Path.Combine(folder, "chat.tuner"));
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.Services.AddTuner("chat.tuner", options => (options.Contract, options.Window) = (scenario.Contract, TimeSpan.FromSeconds(0.2)))
            .ReadTelemetryFrom(_ => new Replay(windows))
            .WatchOnly(current)
            .PredictWithSimulator("llama70b-8xh200");
        string audit = Path.Combine(folder, "tuner-state", "audit.jsonl");

        using (IHost host = builder.Build())
        {
            await host.StartAsync();
            for (int i = 0; i < 300 && !(File.Exists(audit) && await Holds(audit, "prediction")); i++)
                await Task.Delay(100);
            await host.StopAsync();
        }

        JsonNode line = File.ReadLines(audit).Select(each => JsonNode.Parse(each)!).First(each => (string)each["kind"]! == "prediction");
        JsonNode decision = File.ReadLines(audit).Select(each => JsonNode.Parse(each)!).First(each => (string?)each["id"] == (string)line["id"]! && (string)each["kind"]! == "decision");
        Assert.That((string)decision["verdict"]!, Is.EqualTo("shadowed"));
        Assert.That((double)line["effect"]!["attainment"]!["low"]!, Is.GreaterThan(0), "speculation helps at this load, and the interval says so");
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void PredictWithSimulator_NoSuchScenario_IsToldAtOnce()
        => Assert.That(() => new ServiceCollection().AddTuner("chat.tuner").PredictWithSimulator("llama71b"), Throws.InstanceOf<ScenarioFormatException>().With.Message.Contains("llama70b-8xh200"));

    private static async Task<bool> Holds(string path, string kind)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync()).Contains($"\"kind\":\"{kind}\"", StringComparison.Ordinal);
    }

    private sealed class Replay(List<WindowMetrics> windows) : ITelemetrySource
    {
        private int next;

        public ValueTask<TelemetryReading?> ReadAsync(CancellationToken cancellation) => ValueTask.FromResult<TelemetryReading?>(new(windows[next++ % windows.Count], TimeSpan.Zero));
    }
}
