using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tuner.Env.Scenarios;
using Tuner.Policy.Hosting;
using Tuner.Policy.Tests.Telemetry;

namespace Tuner.Bench;

/// <summary>What the loop costs its host: processor time of windows gone through in real time, a metrics page of another process read over HTTP in each.</summary>
internal static class LoopOverheadRun
{
    private const int WarmUpWindows = 500;

    /// <summary>Goes through one window a second.</summary>
    /// <param name="seconds">How long.</param>
    public static int Run(int seconds)
    {
        using Process engine = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["loop-overhead", "engine"]) { RedirectStandardOutput = true })!;
        string folder = Directory.CreateTempSubdirectory("tuner-loop-").FullName;
        try
        {
            Measure(new Uri(engine.StandardOutput.ReadLine()!), folder, seconds).GetAwaiter().GetResult();
        }
        finally
        {
            engine.Kill();
            engine.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    /// <summary>The other process: a metrics page whose counters grow.</summary>
    public static int Serve()
    {
        using var server = new VllmServer { Running = 20 };
        Console.WriteLine(server.Address);
        while (true)
        {
            server.Finish(1500, 250, 0.12, 0.015);
            server.Finish(7000, 350, 0.4, 0.018);
            Thread.Sleep(100);
        }
    }

    private static async Task Measure(Uri page, string folder, int seconds)
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xb200");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.Services.AddTuner(Path.Combine(AppContext.BaseDirectory, "policies", "llama70b-8xb200.tuner"))
            .ReadVllmMetrics(scenario.Objective, page)
            .WatchOnly(scenario.DefaultSettings);
        using IHost host = builder.Build();
        TuningLoop loop = host.Services.GetServices<IHostedService>().OfType<TuningLoop>().Single();
        TunerMonitor monitor = host.Services.GetRequiredService<TunerMonitor>();
        await loop.StartingAsync(CancellationToken.None);
        for (int i = 0; i < WarmUpWindows; i++)
        {
            await loop.StepAsync(CancellationToken.None);
            await Task.Delay(2);
        }

        // The policy decided: its code is compiled as well.
        using var process = Process.GetCurrentProcess();
        var tick = new PeriodicTimer(TimeSpan.FromSeconds(1));
        await tick.WaitForNextTickAsync();
        TimeSpan before = Processor(process);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long started = Stopwatch.GetTimestamp();
        int decided = 0;
        for (int i = 0; i < seconds; i++)
        {
            await loop.StepAsync(CancellationToken.None);
            decided += monitor.Status.Recommended is null ? 0 : 1;
            await tick.WaitForNextTickAsync();
        }

        double used = (Processor(process) - before).TotalSeconds;
        double wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"{seconds} windows in {wall:0.0} s, {decided} decided; {new FileInfo(Path.Combine(folder, "tuner-state", "audit.jsonl")).Length / (seconds + WarmUpWindows)} bytes of audit log each");
        Console.WriteLine($"processor time {used * 1e3:0} ms: {used / seconds * 1e3:0.00} ms a window, {100 * used / wall:0.000} % of a core; {(GC.GetTotalAllocatedBytes(precise: true) - allocated) / seconds / 1024} KiB allocated a window");
    }

    private static TimeSpan Processor(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }
}
