using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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
            {Snippet()}
            IHost host = builder.Build();
            """);

        using var host = program.Variable<IHost>("host");
        Assert.That(host.Services.GetServices<IHostedService>().Any(service => service.GetType().Name == "TuningLoop"), Is.True);
        Assert.That(host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(check => check.Name), Does.Contain("tuner"));
    }

    private static string Snippet()
    {
        MatchCollection blocks = Blocks().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "serving.md")));
        Assert.That(blocks, Has.Count.EqualTo(1), "one block of C# is shown");
        return blocks[0].Groups[1].Value;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
