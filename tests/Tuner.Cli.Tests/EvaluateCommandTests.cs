using System.Text.Json;

namespace Tuner.Cli.Tests;

[NonParallelizable]
internal sealed class EvaluateCommandTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("tuner-evaluate-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Evaluate_WholeSheet_HasEveryTableAndTheOracleAboveAll()
    {
        string training = await Trace(1);
        string first = await Trace(2);
        string second = await Trace(3);
        (int code, string output, string errors) = await Run(
            "evaluate", "--scenario", "llama8b-1xh100", "--policy", "llama8b-1xh100", "llama8b-1xh100", "llama8b-1xh100", "--traffic", first, second, "--training-traffic", training, "--rate-scale", "2",
            "--against", "static-best,reactive,bandit,planner,oracle", "--sustained-load", "--ablate", "--robustness", "--out", folder);

        Assert.That(code, Is.Zero, errors);
        Assert.That(output, Does.Contain("what tuner turned").And.Contain("disturbed").And.Contain("sustained load of tuner over that of others"));
        string page = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.That(page, Does.Contain("Disturbed").And.Contain("without one knob at a time").And.Contain("At the load static-best just carries"));
        using JsonDocument found = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "evaluation.json")));
        JsonElement[] rows = [.. found.RootElement.GetProperty("results").EnumerateArray()];
        Assert.That(rows, Has.Length.EqualTo(2 * 6));
        foreach (IGrouping<string?, JsonElement> trace in rows.GroupBy(row => row.GetProperty("traffic").GetString()))
        {
            double oracle = trace.Single(row => row.GetProperty("policy").GetString() == "oracle").GetProperty("sustainedLoad").GetDouble();
            Assert.That(trace.Select(row => row.GetProperty("sustainedLoad").GetDouble()), Is.All.InRange(0.01, oracle));
        }

        Assert.That(found.RootElement.GetProperty("robustness").GetArrayLength(), Is.EqualTo(2 * 7 * 3), "traces, conditions, and static-best, reactive, tuner");
        JsonElement over = found.RootElement.GetProperty("sustainedOver").EnumerateArray().Single(row => row.GetProperty("rival").GetString() == "static-best");
        Assert.That(over.GetProperty("seeds").GetInt32(), Is.EqualTo(3));
        Assert.That(over.GetProperty("ratio").GetDouble(), Is.InRange(over.GetProperty("ci95")[0].GetDouble() - 1e-9, over.GetProperty("ci95")[1].GetDouble() + 1e-9));
        Assert.That(found.RootElement.GetProperty("equalService").GetArrayLength(), Is.EqualTo(2));
    }

    [Test]
    public async Task Evaluate_UnknownRival_IsOneSentence()
    {
        (int code, _, string errors) = await Run("evaluate", "--scenario", "llama8b-1xh100", "--policy", "llama8b-1xh100", "--traffic", "conversation", "--rate-scale", "1", "--against", "nobody", "--out", folder);
        Assert.That(code, Is.EqualTo(ExitCode.BadInput));
        Assert.That(errors, Does.Contain("\"nobody\" found").And.Contain("oracle").And.Not.Contain("   at "));
    }

    [TestCase("wating=1", "\"wating=1\" found"), TestCase("miss", "\"miss\" found"), TestCase("miss=-1", "a number from 0")]
    public async Task Train_RewardThatCannotBe_IsOneSentence(string weight, string sentence)
    {
        (int code, _, string errors) = await Run("train", "--scenario", "llama8b-1xh100", "--reward", weight, "--out", folder);
        Assert.That(code, Is.EqualTo(ExitCode.BadInput));
        Assert.That(errors, Does.Contain(sentence).And.Not.Contain("   at "));
    }

    [TestCase("0"), TestCase("101")]
    public async Task Train_DaysThatCannotBe_IsOneSentence(string days)
    {
        (int code, _, string errors) = await Run("train", "--scenario", "llama8b-1xh100", "--days", days, "--out", folder);
        Assert.That(code, Is.EqualTo(ExitCode.BadInput));
        Assert.That(errors, Does.Contain($"--days is {days}; expected 1 to 100").And.Not.Contain("   at "));
    }

    [TestCase("1.2", "0.7"), TestCase("0", "1"), TestCase("1", "101")]
    public async Task Train_LoadsThatCannotBe_IsOneSentence(string light, string heavy)
    {
        (int code, _, string errors) = await Run("train", "--scenario", "llama8b-1xh100", "--loads", light, heavy, "--out", folder);
        Assert.That(code, Is.EqualTo(ExitCode.BadInput));
        Assert.That(errors, Does.Contain($"--loads is {light} {heavy}; expected two multiples above 0").And.Not.Contain("   at "));
    }

    [Test]
    public async Task Evaluate_Bursts_ServesMoreRequestsAndTunesRivalsOnAllTrainingTraffic()
    {
        string test = await Trace(2, 600);
        int usual = await Requests("usual");
        Assert.That(await Requests("bursty", "--bursts"), Is.EqualTo(usual * 1.3).Within(0.15 * usual), "45 s of every five minutes at three times the rate");

        async Task<int> Requests(string name, params string[] more)
        {
            string json = Path.Combine(folder, $"{name}.json");
            string[] words = ["evaluate", "--scenario", "llama8b-1xh100", "--policy", "llama8b-1xh100", "--traffic", test, "--training-traffic", await Trace(1), await Trace(3), "--rate-scale", "1", "--against", "static-best", "--out", folder, "--json", json, .. more];
            (int code, _, string errors) = await Run(words);
            Assert.That(code, Is.Zero, errors);
            using JsonDocument found = JsonDocument.Parse(File.ReadAllText(json));
            return found.RootElement.GetProperty("results")[0].GetProperty("requests").GetInt32();
        }
    }

    private async Task<string> Trace(int seed, int seconds = 240)
    {
        string path = Path.Combine(folder, $"trace{seed}.jsonl");
        (int code, _, string errors) = await Run("traffic", "synthesize", "conversation", "--seconds", $"{seconds}", "--seed", $"{seed}", "--out", path);
        Assert.That(code, Is.Zero, errors);
        return path;
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] words)
    {
        var output = new StringWriter();
        var errors = new StringWriter();
        int code = await CommandLine.RunAsync(words, output, errors, CancellationToken.None);
        return (code, output.ToString(), errors.ToString());
    }
}
