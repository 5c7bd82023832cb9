using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;

namespace Tuner.Cli.Tests;

[NonParallelizable]
internal sealed class CommandLineTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-cli-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [TestCase("frobnicate")]
    [TestCase("simulate --scenario llama8b-1xh100")]
    [TestCase("simulate --scenario llama8b-1xh100 --traffic conversation --frob 1")]
    public async Task Run_WrongWords_ExitsWithTwo(string line)
    {
        (int code, string error) = await Run(line.Split(' '));

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.StartWith("tuner: ").And.Contain("--help"));
    }

    [Test]
    public async Task Simulate_TruncatedGzip_NamesTheFile()
    {
        string path = Path.Combine(folder, "cut.csv.gz");
        using (var packed = new MemoryStream())
        {
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(Encoding.UTF8.GetBytes(AzureCsv(5000)));
            byte[] whole = packed.ToArray();
            await File.WriteAllBytesAsync(path, whole[..(whole.Length / 2)]);
        }

        await AssertSentence(Simulate(path), "cut.csv.gz", "cut off");
    }

    [Test]
    public async Task Simulate_MissingColumn_SaysWhichColumnsATraceHas()
        => await AssertSentence(Simulate(Write("a.csv", "TIMESTAMP,ContextTokens\n0,1\n")), "a.csv:1:", "TIMESTAMP,ContextTokens,GeneratedTokens");

    [Test]
    public async Task Simulate_TimesGoingBackwards_NamesTheLine()
        => await AssertSentence(Simulate(Write("a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n0,5,5\n9,5,5\n3,5,5\n")), "a.csv:4:", "traces ascend");

    [Test]
    public async Task Simulate_EmptyTrace_SaysSo()
        => await AssertSentence(Simulate(Write("a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n")), "a.csv", "at least one");

    [Test]
    public async Task Simulate_EmptyFile_SaysSo()
        => await AssertSentence(Simulate(Write("a.csv", "")), "a.csv", "empty");

    [Test]
    public async Task Simulate_NoSuchTraffic_ListsPresets()
        => await AssertSentence(Simulate("nothing-here"), "nothing-here", "mixed-day");

    [Test]
    public async Task Simulate_MisspeltScenarioKey_SuggestsTheRightOne()
    {
        string path = Write("s.json", """{ "name": "s", "model": "llama-3.1-8b", "hardware": "h100", "gpuz": 1, "layouts": { "single": [ {} ] } }""");

        await AssertSentence(["simulate", "--scenario", path, "--traffic", "conversation"], "s.json", "gpuz", "gpus");
    }

    [Test]
    public async Task Simulate_ModelThatCannotFit_SaysWhatItNeeds()
    {
        string path = Write("s.json", """{ "name": "s", "model": "llama-3.1-405b", "hardware": "h100", "gpus": 1, "layouts": { "single": [ {} ] }, "default": { "parallelism": "single" } }""");

        await AssertSentence(["simulate", "--scenario", path, "--traffic", "conversation"], "s.json", "does not fit", "GB");
    }

    [Test]
    public async Task Simulate_WrongKnobValue_SaysWhatIsPossible()
        => await AssertSentence([.. Simulate("conversation"), "--set", "precision=fp2"], "precision=fp2", "fp8-fp4");

    [Test]
    public async Task Simulate_ValidTrace_WritesTheContractsKeys()
    {
        string json = Path.Combine(folder, "out.json");

        (int code, string error) = await Run([.. Simulate(Write("a.csv", AzureCsv(200))), "--json", json]);

        Assert.That((code, error), Is.EqualTo((0, "")));
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        string[] keys = [.. document.RootElement.EnumerateObject().Select(property => property.Name)];
        Assert.That(new[] { "policy", "sloAttainment", "goodputPerSecond", "requests", "completed", "ttftMs", "tpotMs", "outputTokensPerSecond", "qualityLoss", "joulesPerToken", "switches", "sustainedLoad", "ci95" }, Is.SubsetOf(keys));
        Assert.That(document.RootElement.GetProperty("completed").GetInt32(), Is.EqualTo(200));
    }

    [Test]
    public async Task Train_UnwritableFolder_RefusesBeforeWork()
    {
        string file = Write("occupied", "");

        await AssertSentence(["train", "--scenario", "llama8b-1xh100", "--traffic", "conversation", "--out", Path.Combine(file, "inside")], "cannot be written to");
    }

    [Test]
    public async Task Train_ResumeWithoutCheckpoint_SaysSo()
        => await AssertSentence(["train", "--scenario", "llama8b-1xh100", "--traffic", Write("a.csv", AzureCsv(200)), "--out", folder, "--resume"], "checkpoint", "--resume");

    [Test]
    public async Task Evaluate_PolicyOfAnotherSchema_SaysWhatDiffers()
    {
        string path = Path.Combine(folder, "old.tuner");
        var network = new PolicyNetwork([new DenseLayer(new float[3 * KnobSpace.LogitCount], new float[KnobSpace.LogitCount])]);
        new PolicyFile(99, ["a", "b", "c"], KnobSpace.HeadSizes.ToArray(), ObservationNormalizer.None(3), network, new PolicyManifest()).Save(path);

        await AssertSentence(["evaluate", "--scenario", "llama8b-1xh100", "--policy", path, "--traffic", "conversation", "--out", folder], "old.tuner", "schema 99", ObservationSchema.FieldCount.ToString(CultureInfo.InvariantCulture));
    }

    [Test]
    public async Task Train_InterruptedAndResumed_GivesTheSamePolicyAsInOneGo()
    {
        string trace = Write("a.csv", AzureCsv(240, promptTokens: 3000));
        string whole = Path.Combine(folder, "whole");
        string parts = Path.Combine(folder, "parts");
        string[] common = ["train", "--scenario", "llama8b-1xh100", "--traffic", trace, "--steps", "16384", "--envs", "4", "--only-this-traffic"];

        (int finished, _) = await Run([.. common, "--out", whole]);
        using var cancel = new CancellationTokenSource();
        Task<(int Code, string Error)> run = Task.Run(() => Run([.. common, "--out", parts], cancel.Token));
        while (!run.IsCompleted && !File.Exists(Path.Combine(parts, "checkpoint.bin")))
            await Task.Delay(5);
        await cancel.CancelAsync();
        (int stopped, _) = await run;
        (int resumed, _) = await Run([.. common, "--out", parts, "--resume"]);

        Assert.That((finished, stopped, resumed), Is.EqualTo((0, 130, 0)));
        PolicyNetwork expected = PolicyFile.Load(Path.Combine(whole, "policy.tuner")).Network;
        PolicyNetwork actual = PolicyFile.Load(Path.Combine(parts, "policy.tuner")).Network;
        for (int i = 0; i < expected.Layers.Count; i++)
            Assert.That(actual.Layers[i].CopyWeights(), Is.EqualTo(expected.Layers[i].CopyWeights()));
        await AssertSentence([.. common[..^2], "6", "--only-this-traffic", "--out", parts, "--resume"], "--envs is 6", "4 environments");
    }

    [TestCase("--envs", "0", "--envs is 0; expected 1 to 4096"), TestCase("--threads", "-2", "--threads is -2; expected 0"), TestCase("--device", "tpu", "--device is tpu; expected cpu or cuda"), TestCase("--steps", "0", "--steps is 0; expected at least 1")]
    public Task Train_ImpossibleOption_IsRefusedBeforeAnythingRuns(string option, string value, string sentence)
        => AssertSentence(["train", "--scenario", "llama8b-1xh100", option, value, "--out", Path.Combine(folder, "none")], sentence);

    [Test]
    public async Task Train_CudaWithoutTheCudaBuild_SaysWhatToDo()
    {
        if (TorchSharp.torch.cuda.is_available())
            Assert.Ignore("This machine has a CUDA device.");
        await AssertSentence(["train", "--scenario", "llama8b-1xh100", "--device", "cuda", "--out", Path.Combine(folder, "none")], "--device cuda: libtorch finds no CUDA device", "-p:TorchBackend=cuda");
    }

    [Test]
    public async Task Doctor_OnAWorkingMachine_FindsLibtorch()
    {
        var output = new StringWriter();

        int code = await CommandLine.RunAsync(["doctor"], output, TextWriter.Null, CancellationToken.None);

        Assert.That(code, Is.EqualTo(0));
        Assert.That(output.ToString(), Does.Contain("computes on the CPU").And.Contain("NVRTC").And.Contain("Everything Tuner needs is here."));
    }

    private static string[] Simulate(string traffic) => ["simulate", "--scenario", "llama8b-1xh100", "--traffic", traffic];

    private static async Task AssertSentence(string[] args, params string[] parts)
    {
        (int code, string error) = await Run(args);

        Assert.That(code, Is.EqualTo(2), error);
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), error);
        foreach (string part in parts)
            Assert.That(error, Does.Contain(part));
    }

    [Test]
    public async Task Simulate_WithAWriterOfItsOwn_PrintsItsTableThere()
    {
        using var output = new StringWriter();
        int code = await CommandLine.RunAsync(Simulate(Write("a.csv", AzureCsv(50))), output, TextWriter.Null, default);

        Assert.That(code, Is.Zero);
        Assert.That(output.ToString(), Does.Contain("parallelism=single").And.Contain("promises kept").And.Contain("50 requests"));
    }

    private static async Task<(int Code, string Error)> Run(string[] args, CancellationToken cancellation = default)
    {
        var errors = new StringWriter();
        int code = await CommandLine.RunAsync(args, TextWriter.Null, errors, cancellation);
        return (code, errors.ToString());
    }

    private static string AzureCsv(int requests, int promptTokens = 100)
    {
        var text = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\r\n");
        for (int i = 0; i < requests; i++)
            text.Append(CultureInfo.InvariantCulture, $"{i * 0.5},{promptTokens + (i * 37 % 900)},{10 + (i * 13 % 150)}\r\n");
        return text.ToString();
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
