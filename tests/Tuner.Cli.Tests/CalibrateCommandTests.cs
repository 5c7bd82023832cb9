using System.Text.Json;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Driver;

namespace Tuner.Cli.Tests;

[NonParallelizable]
internal sealed class CalibrateCommandTests
{
    private const string Scenario = """
        { "name": "qwen0.6b-cpu", "model": "qwen3-0.6b", "hardware": "cpu.json", "gpus": 1,
          "objective": { "ttftSeconds": 20, "tpotSeconds": 1 },
          "layouts": { "LAYOUT": [ { "tensor": TENSOR } ] }, "default": { "parallelism": "LAYOUT" } }
        """;

    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-calibrate-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Calibrate_ThisCpu_WritesAProfileThatInspectAndSimulateRead()
    {
        string profile = Path.Combine(folder, "cpu.json");
        string raw = Path.Combine(folder, "raw.json");

        (int code, string output, string error) = await Run(["calibrate", "--device", "cpu", "--out", profile, "--budget", "1.5", "--measurements", raw]);

        Assert.That(code, Is.EqualTo(0), error);
        Assert.That(output, Does.Contain("GFLOP/s").And.Contain("profile:"));
        Assert.That(MeasurementFile.Load(raw).Measurements.Gemm, Is.Not.Empty);
        Assert.That((await Run(["inspect", profile])).Code, Is.EqualTo(0));

        string result = Path.Combine(folder, "result.json");
        (int simulated, _, string why) = await Run(["simulate", "--scenario", Write("s.json", "single", 1), "--traffic", Trace(), "--json", result]);
        Assert.That(simulated, Is.EqualTo(0), why);
        using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(result));
        Assert.That(json.RootElement.ToString(), Does.Contain("\"completed\": 5"));

        (int refused, _, string reason) = await Run(["simulate", "--scenario", Write("t.json", "tensor", 2), "--traffic", Trace()]);
        Assert.That(refused, Is.EqualTo(2));
        Assert.That(reason, Does.Contain("cpu has no all-reduce").And.Contain("tensor 1"));
    }

    [Test]
    public async Task Calibrate_NoGpu_RefusesInOneSentenceAndWritesNothing()
    {
        if (CudaDriver.TryOpen(out _))
            Assert.Ignore($"This machine has a GPU. {CudaDriver.Describe()}");
        string profile = Path.Combine(folder, "gpu.json");

        (int code, _, string error) = await Run(["calibrate", "--device", "cuda:0", "--out", profile]);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(error, Does.Contain(CudaDriver.Describe().TrimEnd('.')).And.Contain("no GPU found").And.Contain("--device cpu"));
        Assert.That(File.Exists(profile), Is.False);
    }

    [Test]
    public async Task Verify_NoGpu_RefusesInOneSentence()
    {
        if (CudaDriver.TryOpen(out _))
            Assert.Ignore($"This machine has a GPU. {CudaDriver.Describe()}");

        (int code, _, string error) = await Run(["calibrate", "--device", "cuda:0", "--verify"]);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain("no GPU found"));
    }

    [TestCase("--device", "tpu", "--device tpu")]
    [TestCase("--budget", "0", "--budget is 0")]
    [TestCase("--budget", "NaN", "NaN")]
    public async Task Calibrate_OptionThatCannotBe_ExitsWithTwo(string option, string value, string expected)
    {
        (int code, _, string error) = await Run(["calibrate", .. option == "--device" ? Array.Empty<string>() : ["--device", "cpu"], "--out", Path.Combine(folder, "p.json"), option, value]);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(expected));
    }

    [Test]
    public async Task Calibrate_Interrupted_ExitsWith130AndWritesNothing()
    {
        string profile = Path.Combine(folder, "cpu.json");
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        (int code, _, _) = await Run(["calibrate", "--device", "cpu", "--out", profile, "--budget", "5"], cancel.Token);

        Assert.That(code, Is.EqualTo(130));
        Assert.That(File.Exists(profile), Is.False);
    }

    private static async Task<(int Code, string Output, string Error)> Run(string[] args, CancellationToken cancellation = default)
    {
        var output = new StringWriter();
        var errors = new StringWriter();
        int code = await CommandLine.RunAsync(args, output, errors, cancellation);
        return (code, output.ToString(), errors.ToString());
    }

    private string Write(string name, string layout, int tensor)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, Scenario.Replace("LAYOUT", layout, StringComparison.Ordinal).Replace("TENSOR", $"{tensor}", StringComparison.Ordinal).Replace("\"gpus\": 1", $"\"gpus\": {tensor}", StringComparison.Ordinal));
        return path;
    }

    private string Trace()
    {
        string path = Path.Combine(folder, "a.csv");
        File.WriteAllText(path, "TIMESTAMP,ContextTokens,GeneratedTokens\n0,100,20\n5,200,20\n10,80,30\n20,300,10\n40,64,20\n");
        return path;
    }
}
