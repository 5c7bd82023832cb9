using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tuner.Policy.Tests;

namespace Tuner.Cli.Tests;

[NonParallelizable]
internal sealed class EngineCommandTests
{
    [Test]
    public async Task Engine_PortTaken_IsOneSentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await AssertSentence(Engine(port), $"--port {port}", "name another");
    }

    [TestCase("--speed", "0", "--speed is 0"), TestCase("--port", "70000", "--port is 70000; expected 1 to 65535"), TestCase("--rate-scale", "-1", "-1")]
    [TestCase("--set", "precision=fp2", "precision=fp2"), TestCase("--traffic", "nothing-here", "nothing-here")]
    public Task Engine_ImpossibleSetting_IsRefused(string option, string value, string sentence)
    {
        string[] line = Engine(LoopbackPort.Free());
        int at = Array.IndexOf(line, option);
        return AssertSentence(at < 0 ? [.. line, option, value] : [.. line[..(at + 1)], value, .. line[(at + 2)..]], sentence);
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no signal to send to another process.")]
    [CancelAfter(60_000)]
    public async Task Engine_Terminated_EndsCleanly(CancellationToken cancellation)
    {
        int port = LoopbackPort.Free();
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "tuner.dll"), .. Engine(port)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            string? first = await process.StandardOutput.ReadLineAsync(cancellation);
            Assert.That(first, Does.Contain("llama8b-1xh100"));
            using var client = new HttpClient();
            while (!await HealthyAsync(client, port, cancellation))
                await Task.Delay(50, cancellation);
            string page = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), cancellation);
            Assert.That(page, Does.Contain("vllm:num_requests_running"));
            using (Process interrupt = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
                await interrupt.WaitForExitAsync(cancellation);
            string output = await process.StandardOutput.ReadToEndAsync(cancellation);
            string errors = await process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);

            Assert.That((process.ExitCode, errors), Is.EqualTo((0, "")));
            Assert.That(output, Does.Contain("Ended after"));
        }
        finally
        {
            process.Kill();
        }
    }

    private static string[] Engine(int port)
        => ["engine", "--scenario", "llama8b-1xh100", "--traffic", "conversation", "--port", port.ToString(CultureInfo.InvariantCulture)];

    private static async Task<bool> HealthyAsync(HttpClient client, int port, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health"), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // not up yet
        }
    }

    private static async Task AssertSentence(string[] args, params string[] parts)
    {
        using var errors = new StringWriter();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        int code = await CommandLine.RunAsync(args, TextWriter.Null, errors, limit.Token);
        string error = errors.ToString().TrimEnd();

        Assert.That(code, Is.EqualTo(2), error);
        Assert.That(error.Split('\n'), Has.Length.EqualTo(1), error);
        foreach (string part in parts)
            Assert.That(error, Does.Contain(part));
    }
}
