using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Tuner.Policy.Tests.Telemetry;

namespace Tuner.Packages.Tests;

[NonParallelizable]
internal sealed class GatewaySampleTests
{
    // Packages under test go to a folder of their own: those cached by version elsewhere would be older. Others are taken from the machine's.
    private static Dictionary<string, string> Packages => new()
    {
        ["NUGET_PACKAGES"] = Path.Combine(PackedFeed.Work, "packages"),
        ["NUGET_FALLBACK_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
    };

    [Test]
    public async Task Sample_FromPackages_ServesHealthAndMetricsAndDecidesInShadow()
    {
        string output = Path.Combine(PackedFeed.Work, "out");
        await Dotnet.RunAsync(PackedFeed.Sample, Packages, "publish", "GatewaySample.csproj", "-c", "Release", "-p:PublishAot=false", "-o", output, "-nologo", "-v", "quiet");

        await ServesAsync(output);
    }

    [Test, Explicit("compiles ahead of time, about a minute, and needs the AOT compiler's packages: ask for it by --filter Name~Sample_Native"), Category("Aot")]
    public async Task Sample_NativeFromPackages_ServesHealthAndMetricsAndDecidesInShadow()
    {
        string output = Path.Combine(PackedFeed.Work, "native");
        await Dotnet.RunAsync(PackedFeed.Sample, Packages, "publish", "GatewaySample.csproj", "-c", "Release", "-o", output, "-nologo", "-v", "quiet");

        Assert.That(File.Exists(Path.Combine(output, "GatewaySample.dll")), Is.False, "nothing managed is left");
        await ServesAsync(output);
    }

    private static async Task ServesAsync(string output)
    {
        using var engine = new VllmServer { Running = 20 };
        using var traffic = new Timer(_ => Serve(engine), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        var start = new ProcessStartInfo(Path.Combine(output, OperatingSystem.IsWindows() ? "GatewaySample.exe" : "GatewaySample"))
        {
            ArgumentList = { "--urls", "http://127.0.0.1:0", "--contentRoot", output, "--Engine:Metrics", engine.Address.ToString(), "--Tuner:Window", "00:00:00.5" },
            RedirectStandardOutput = true,
        };
        using Process sample = Process.Start(start)!;
        try
        {
            using var client = new HttpClient { BaseAddress = await AddressAsync(sample) };
            string audit = Path.Combine(output, "tuner-state", "audit.jsonl");
            await UntilAsync(() => Decisions(audit).Any(line => line["choice"] is not null), () => $"no decision in {(File.Exists(audit) ? string.Join('\n', Lines(audit).TakeLast(3)) : "no audit log")}");

            using HttpResponseMessage health = await client.GetAsync("/health");
            string metrics = await client.GetStringAsync("/metrics");

            Assert.That(health.StatusCode, Is.EqualTo(HttpStatusCode.OK), await health.Content.ReadAsStringAsync());
            Assert.That(metrics, Does.Contain("tuner_windows_total{").And.Contain("mode=\"Shadow\"").And.Contain("tuner_settings_known").And.Contain("tuner_decision_duration_seconds_bucket"));
            Assert.That(await client.GetStringAsync("/"), Does.StartWith("Shadow: "));
            JsonNode decision = Decisions(audit).First(line => line["choice"] is not null);
            Assert.That((string)decision["mode"]!, Is.EqualTo("Shadow"));
            Assert.That((string)decision["verdict"]!, Is.AnyOf("held", "shadowed"));
            Assert.That((double)decision["window"]!["meanPromptTokens"]!, Is.GreaterThan(1000), "read from the engine over HTTP");
        }
        finally
        {
            sample.Kill();
            await sample.WaitForExitAsync();
        }
    }

    private static void Serve(VllmServer engine)
    {
        engine.Finish(1500, 250, 0.12, 0.015);
        engine.Finish(7000, 350, 0.4, 0.018);
    }

    private static async Task<Uri> AddressAsync(Process sample)
    {
        while (await sample.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) is { } line)
        {
            const string Says = "Now listening on: ";
            if (line.IndexOf(Says, StringComparison.Ordinal) is >= 0 and var at)
            {
                _ = sample.StandardOutput.ReadToEndAsync();
                return new Uri(line[(at + Says.Length)..]);
            }
        }

        throw new InvalidOperationException("The sample ended before it listened.");
    }

    private static async Task UntilAsync(Func<bool> holds, Func<string> otherwise)
    {
        for (int i = 0; i < 300; i++)
        {
            if (holds())
                return;
            await Task.Delay(100);
        }

        Assert.Fail(otherwise());
    }

    private static IEnumerable<JsonNode> Decisions(string audit)
        => File.Exists(audit) ? Lines(audit).Select(line => JsonNode.Parse(line)!).Where(line => (string)line["kind"]! == "decision") : [];

    private static string[] Lines(string audit)
    {
        using var stream = new FileStream(audit, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        // A line is one write: the last is whole or not there.
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
