using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tuner.Cli.Tests;

[NonParallelizable]
internal sealed class TrafficCommandTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-traffic-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Inspect_Preset_ShowsFiguresAndCurves()
    {
        (int code, string output, string errors) = await Run("traffic", "inspect", "long-context");

        Assert.That(code, Is.Zero, errors);
        Assert.That(output, Does.StartWith("long-context"));
        Assert.That(output, Does.Contain("r90/r60").And.Contain("prefix reuse").And.Contain("LongContext").And.Contain("requests a second").And.Contain("█"));
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public async Task Inspect_Json_HoldsTheStatistics()
    {
        string json = At("day.json");

        (int code, _, string errors) = await Run("traffic", "inspect", "mixed-day", "--seconds", "1800", "--json", json);

        Assert.That(code, Is.Zero, errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        Assert.That(report.RootElement.GetProperty("trace").GetString(), Is.EqualTo("mixed-day"));
        Assert.That(report.RootElement.GetProperty("count").GetInt32(), Is.GreaterThan(3000));
        Assert.That(report.RootElement.GetProperty("promptTokens").GetProperty("p90").GetDouble(), Is.GreaterThan(1000));
        Assert.That(report.RootElement.GetProperty("classes").GetProperty("reasoning").GetInt32(), Is.GreaterThan(100));
    }

    [Test]
    public async Task Inspect_OneRequest_WritesNullForWhatItIsTooShortToHave()
    {
        string trace = Write("one.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n0,10,2\n");

        (int code, string output, string errors) = await Run("traffic", "inspect", trace, "--json", At("one.json"), "--plot", At("one.png"));

        Assert.That(code, Is.Zero, errors);
        Assert.That(output, Does.Contain("requests"));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(At("one.json")));
        Assert.That(report.RootElement.GetProperty("gapVariation").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Inspect_LongerTrace_SaysThatItWasCut()
    {
        (_, string whole, _) = await Run("traffic", "inspect", "conversation");
        (_, string part, _) = await Run("traffic", "inspect", "conversation", "--seconds", "300");

        Assert.That(whole, Does.Not.Contain("The trace is longer"));
        Assert.That(part, Does.Contain("The trace is longer: these are its first 5.0 min."));
    }

    [TestCase("plot.png"), TestCase("plot.svg")]
    public async Task Inspect_Plot_DrawsWhatTheNameAsksFor(string file)
    {
        (int code, _, string errors) = await Run("traffic", "inspect", "code", "--plot", At(file));

        Assert.That(code, Is.Zero, errors);
        byte[] drawn = File.ReadAllBytes(At(file));
        Assert.That(drawn, Has.Length.GreaterThan(10_000));
        if (file.EndsWith(".png", StringComparison.Ordinal))
            Assert.That(drawn[..4], Is.EqualTo("\u0089PNG".Select(letter => (byte)letter)));
        else
            Assert.That(Encoding.UTF8.GetString(drawn), Does.Contain("<svg").And.Contain("Prompt tokens").And.Contain("Output tokens"));
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1), "nothing unfinished is left");
    }

    [TestCase("mixed.jsonl", false), TestCase("mixed.jsonl.gz", true)]
    public async Task Synthesize_ThenInspect_IsTheSameTraffic(string file, bool compressed)
    {
        (int code, string output, string errors) = await Run(
            "traffic", "synthesize", "mixed-day", "--seconds", "1200", "--rate", "6", "--seed", "9", "--out", At(file));
        Assert.That(code, Is.Zero, errors);
        Assert.That(output, Does.Contain("requests over 1200 s"));
        Assert.That(File.ReadAllBytes(At(file))[0] == 0x1F, Is.EqualTo(compressed));

        (code, _, errors) = await Run("traffic", "inspect", At(file), "--json", At("read.json"));

        Assert.That(code, Is.Zero, errors);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(At("read.json")));
        string count = report.RootElement.GetProperty("count").GetInt32().ToString("N0", CultureInfo.InvariantCulture);
        Assert.That(output, Does.Contain($" {count} requests"));
        Assert.That(report.RootElement.GetProperty("prefixHitShare").GetDouble(), Is.GreaterThan(0.05));
        Assert.That(report.RootElement.GetProperty("classes").EnumerateObject().Count(), Is.EqualTo(4));
    }

    [Test]
    public async Task List_Presets_NamesThemAll()
    {
        (int code, string output, _) = await Run("traffic", "list");

        Assert.That(code, Is.Zero);
        foreach (string name in new[] { "conversation", "code", "long-context", "reasoning", "mixed-day" })
            Assert.That(output, Does.Contain(name));
    }

    [TestCase("traffic inspct", "'inspct' is not something 'tuner traffic' knows. Did you mean 'inspect'? See: tuner traffic --help")]
    [TestCase("traffic inspect conversation --plott x.png", "'--plott' is not something 'tuner traffic inspect' knows. Did you mean '--plot'?")]
    [TestCase("traffic inspect", "Required argument 'file' missing")]
    [TestCase("traffic inspect nowhere.csv", "nowhere.csv: neither a file nor a preset; presets are conversation, code")]
    [TestCase("traffic inspect conversation --plot x.gif", "x.gif: plots are drawn as .png or .svg")]
    [TestCase("traffic inspect conversation --seconds 0", "--seconds is 0; a number above 0 was expected.")]
    [TestCase("traffic inspect conversation --seed many", "many")]
    [TestCase("traffic synthesize conversaton --out x", "conversaton: no such preset; presets are conversation, code")]
    [TestCase("traffic synthesize code --rate -1 --out x", "code: -1 requests a second were asked for; more than 0 were expected.")]
    [TestCase("traffic synthesize code", "--out")]
    public async Task AnyVerb_WrongInput_SaysWhatAndExitsWithTwo(string line, string expected)
    {
        (int code, string output, string errors) = await Run(line.Split(' '));

        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors, Does.StartWith("tuner: ").And.Contain(expected));
        Assert.That(errors.Trim().Split('\n'), Has.Length.EqualTo(1), "one sentence, no stack trace");
        Assert.That(output, Is.Empty);
    }

    [Test]
    public async Task Inspect_FolderThatCannotBe_RefusesBeforeWork()
    {
        string file = Write("file", "");

        (int code, string output, string errors) = await Run("traffic", "inspect", "conversation", "--json", Path.Combine(file, "report.json"));

        Assert.That(code, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("cannot be written to"));
        Assert.That(output, Is.Empty);
    }

    [Test]
    public async Task Synthesize_Interrupted_ExitsWith130AndLeavesNothing()
    {
        using var interruption = new CancellationTokenSource();
        interruption.Cancel();
        var errors = new StringWriter();

        int code = await CommandLine.RunAsync(
            ["traffic", "synthesize", "code", "--out", At("never.jsonl")], TextWriter.Null, errors, interruption.Token);

        Assert.That(code, Is.EqualTo(130));
        Assert.That(errors.ToString(), Is.EqualTo($"tuner: interrupted.{Environment.NewLine}"));
        Assert.That(Directory.GetFiles(folder), Is.Empty);
    }

    [TestCase("--help"), TestCase("traffic --help"), TestCase("traffic inspect --help"), TestCase("traffic synthesize --help"), TestCase("doctor --help")]
    [TestCase("demo --help"), TestCase("train --help"), TestCase("evaluate --help"), TestCase("simulate --help"), TestCase("search --help"), TestCase("inspect --help")]
    public async Task Help_EachVerb_EndsWithAnExample(string line)
    {
        (int code, string output, string errors) = await Run(line.Split(' '));

        Assert.That(code, Is.Zero, errors);
        Assert.That(output, Does.Contain("Usage:").And.Contain("Example:").And.Contain("  tuner "));
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public async Task Nothing_ShowsWhatThereIs()
    {
        (int code, string output, _) = await Run();

        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain("traffic").And.Contain("doctor"));
    }

    private static async Task<(int Code, string Output, string Errors)> Run(params string[] arguments)
    {
        var output = new StringWriter();
        var errors = new StringWriter();
        int code = await CommandLine.RunAsync(arguments, output, errors, CancellationToken.None);
        return (code, output.ToString(), errors.ToString());
    }

    private string At(string file) => Path.Combine(folder, file);

    private string Write(string file, string content)
    {
        File.WriteAllText(At(file), content);
        return At(file);
    }
}
