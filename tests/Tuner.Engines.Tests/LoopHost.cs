using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tuner.Policy.Files;
using Tuner.Policy.Hosting;
using Tuner.Policy.Knobs;
using Tuner.Policy.Safety;

namespace Tuner.Engines.Tests;

/// <summary>A host with Tuner in active mode, in a process of its own: it reads an engine's page and turns its knobs, both over HTTP.</summary>
internal static class LoopHost
{
    /// <summary>Arguments: the folder with <c>policy.tuner</c>, the engine's port, how much faster than the wall time goes.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var engine = new Uri($"http://127.0.0.1:{args[1]}/");
        ServingContract contract = PolicyFile.Load(Path.Combine(args[0], "policy.tuner")).Manifest.Serving!;
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = args[0] });
        builder.Services.AddSingleton<TimeProvider>(new FastClock(int.Parse(args[2], CultureInfo.InvariantCulture)));
        builder.Services.AddTuner("policy.tuner", options => options.ReadTimeout = TimeSpan.FromMinutes(1))
            .ReadVllmMetrics(contract.Objective, new Uri(engine, "metrics"))
            .ApplyOverHttp(new Uri(engine, "admin/settings"), contract, KnobCapabilities.AllLive)
            .KeepWithin(guard =>
            {
                guard.Mode = TunerMode.Active;
                guard.TrialWindows = 6; // long enough that a test kills this process inside it, however busy the machine
            });
        await builder.Build().RunAsync();
        return 0;
    }
}
