using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Tuner.Engines.CommandLines;
using Tuner.Engines.Kubernetes;
using Tuner.Policy;

namespace Tuner.Docs.Tests;

[NonParallelizable]
internal sealed partial class ServingTests
{
    [Test]
    public async Task FiveLines_InAHostBuilder_MakeAHostThatRunsTheLoop()
    {
        var program = new ScriptSession(
            typeof(TunerPolicy).Assembly, typeof(Host).Assembly, typeof(IHost).Assembly, typeof(HealthCheckService).Assembly, typeof(IHealthCheck).Assembly,
            typeof(IServiceCollection).Assembly, typeof(IOptions<>).Assembly, typeof(ServiceCollectionContainerBuilderExtensions).Assembly);

        await program.RunAsync($"""
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;
            using Tuner.Policy;
            using Tuner.Policy.Hosting;
            using Tuner.Policy.Knobs;
            using Tuner.Policy.Telemetry;
            var builder = Host.CreateApplicationBuilder();
            {Snippet(0)}
            IHost host = builder.Build();
            """);

        using var host = program.Variable<IHost>("host");
        Assert.That(host.Services.GetServices<IHostedService>().Any(service => service.GetType().Name == "TuningLoop"), Is.True);
        Assert.That(host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(check => check.Name), Does.Contain("tuner"));
    }

    [Test]
    public async Task Deployment_InAHostBuilder_BuildsTheHost()
    {
        var program = new ScriptSession(
            typeof(TunerPolicy).Assembly, typeof(Host).Assembly, typeof(IHost).Assembly, typeof(IServiceCollection).Assembly, typeof(IOptions<>).Assembly,
            typeof(ServiceCollectionContainerBuilderExtensions).Assembly, typeof(EngineSetup).Assembly, typeof(DeploymentOptions).Assembly);

        await program.RunAsync($$"""
            using System.Collections.Generic;
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;
            using Tuner.Engines.CommandLines;
            using Tuner.Engines.Kubernetes;
            using Tuner.Policy;
            using Tuner.Policy.Files;
            using Tuner.Policy.Hosting;
            using Tuner.Policy.Knobs;
            using Tuner.Policy.Telemetry;
            var builder = Host.CreateApplicationBuilder();
            var promises = new ServiceObjective(0.5, 0, 0.025);
            var setup = new EngineSetup
            {
                Contract = new ServingContract { BatchLadder = [new(64, 2048)], Drafts = [], Objective = promises },
                Checkpoints = new Dictionary<PrecisionMode, string> { [PrecisionMode.Fp8] = "llama-fp8" },
                Layouts = new Dictionary<ParallelismMode, EngineLayout> { [ParallelismMode.Tensor] = new(4) },
            };
            var first = new KnobSettings(ParallelismMode.Tensor, PrecisionMode.Fp8, 0, 0, false, false, 0, false);
            {{Snippet(1)}}
            IHost host = builder.Build();
            """);

        using var host = program.Variable<IHost>("host");
        Assert.That(host.Services.GetServices<IHostedService>().Any(service => service.GetType().Name == "TuningLoop"), Is.True);
    }

    private static string Snippet(int index)
    {
        MatchCollection blocks = Blocks().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "serving.md")));
        Assert.That(blocks, Has.Count.EqualTo(2), "blocks of C# that are shown, each run by a test");
        return blocks[index].Groups[1].Value;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
