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

        // The policy decided: its code is compiled as well. What a process costs that only waits, and one that only fetches the page, is told beside.
        using var client = new HttpClient();
        int decided = 0;
        Sample idle = await SampleAsync(seconds, () => Task.CompletedTask);
        Sample fetching = await SampleAsync(seconds, () => client.GetByteArrayAsync(page));
        Sample whole = await SampleAsync(seconds, async () =>
        {
            await loop.StepAsync(CancellationToken.None);
            decided += monitor.Status.Recommended is null ? 0 : 1;
        });
        Console.WriteLine($"{seconds} windows a second apart, {decided} decided; {new FileInfo(Path.Combine(folder, "tuner-state", "audit.jsonl")).Length / (seconds + WarmUpWindows)} bytes of audit log each");
        Tell("a process that waits", idle);
        Tell("fetching the page alone", fetching);
        Tell("the whole loop", whole);
    }

    private static async Task<Sample> SampleAsync(int seconds, Func<Task> work)
    {
        using var process = Process.GetCurrentProcess();
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1));
        await work();
        await tick.WaitForNextTickAsync();
        TimeSpan before = Processor(process);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < seconds; i++)
        {
            await work();
            await tick.WaitForNextTickAsync();
        }

        return new Sample((Processor(process) - before).TotalSeconds / seconds, Stopwatch.GetElapsedTime(started).TotalSeconds / seconds, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / seconds);
    }

    private static void Tell(string what, Sample sample)
        => Console.WriteLine($"{what}: {1e3 * sample.Processor:0.00} ms of processor time a window, {100 * sample.Processor / sample.Wall:0.000} % of a core; {sample.Allocated / 1024} KiB allocated");

    private static TimeSpan Processor(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    /// <summary>One window, on average: seconds of processor time, seconds, bytes.</summary>
    private readonly record struct Sample(double Processor, double Wall, long Allocated);
}
