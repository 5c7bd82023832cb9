using System.Diagnostics;
using Tuner.Policy.Tests;

namespace Tuner.Bench;

/// <summary>How long a program that listens for HTTP takes from its start to its first answer, and how much memory it holds then.</summary>
internal static class StartUpRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="program">The executable; it must take <c>--urls</c> and <c>--contentRoot</c> as ASP.NET Core does and answer at <c>/health</c>.</param>
    /// <param name="times">Starts measured; one more goes before them, so that files are in memory.</param>
    public static int Run(string program, int times)
    {
        if (!File.Exists(program))
        {
            Console.Error.WriteLine($"{program}: no such file; publish samples/GatewaySample first (its README says how).");
            return 2;
        }

        var seconds = new List<double>();
        var megabytes = new List<double>();
        for (int i = 0; i <= times; i++)
        {
            (double took, double held) = Start(Path.GetFullPath(program));
            if (i == 0)
                continue;
            seconds.Add(took);
            megabytes.Add(held);
        }

        Console.WriteLine($"{Path.GetFileName(program)}: {new FileInfo(program).Length / 1e6:0.0} MB on disk, {times} starts");
        Console.WriteLine($"start to first answer: median {Median(seconds) * 1e3:0} ms, {seconds.Min() * 1e3:0} to {seconds.Max() * 1e3:0} ms");
        Console.WriteLine($"resident memory then: median {Median(megabytes):0} MB");
        return 0;
    }

    private static (double Seconds, double Megabytes) Start(string program)
    {
        string address = $"http://127.0.0.1:{LoopbackPort.Free()}";
        using var client = new HttpClient();
        var start = new ProcessStartInfo(program, ["--urls", address, "--contentRoot", Path.GetDirectoryName(program)!]) { RedirectStandardOutput = true };
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        try
        {
            while (true)
            {
                try
                {
                    using HttpResponseMessage answer = client.GetAsync(new Uri(address + "/health")).GetAwaiter().GetResult();
                    double took = Stopwatch.GetElapsedTime(begun).TotalSeconds;
                    process.Refresh();
                    return (took, process.WorkingSet64 / 1e6);
                }
                catch (HttpRequestException)
                {
                    if (process.HasExited || Stopwatch.GetElapsedTime(begun) > Patience)
                        throw;
                    Thread.Sleep(1);
                }
            }
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
