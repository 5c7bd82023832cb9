namespace Tuner.Env.Scenarios;

public sealed class ScenarioFileTests
{
    private const string Good = """
        { "name": "mine", "model": "llama-3.1-8b", "hardware": "h100", "gpus": 1,
          "layouts": { "single": [ { "replicas": 1 } ] }, "default": { "parallelism": "single" } }
        """;

    public static IEnumerable<string> Shipped => ShippedConfig.Names("scenarios");

    [TestCaseSource(nameof(Shipped))]
    public void Load_ShippedScenario_FitsItsDefault(string name)
    {
        Scenario scenario = ScenarioFile.Load(name);
        Assert.That(scenario.Name, Is.EqualTo(name));
        Assert.That(scenario.Fits(scenario.DefaultSettings));
        Assert.That(scenario.LayoutOf(scenario.DefaultSettings.Parallelism).Pools.Sum(pool => pool.Gpus), Is.LessThanOrEqualTo(scenario.Gpus));
    }

    [Test]
    public void Names_OfShippedScenarios_AreSeven() => Assert.That(Shipped.Count(), Is.EqualTo(7));

    [Test]
    public void Load_NamesWithDots_KeepThemWhole()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xh100");
        Assert.That(scenario.Model.Name, Is.EqualTo("llama-3.1-8b"));
        Assert.That(scenario.Knobs.Drafts, Is.EqualTo(new[] { "llama-3.2-1b", "llama-3.2-3b" }));
    }

    [Test]
    public void Parse_SmallFile_TakesTheRestFromTheDefaults()
    {
        Scenario scenario = ScenarioFile.Parse("mine.json", Good, ".");
        Assert.That(scenario.Knobs.BatchLadder, Has.Count.EqualTo(8));
        Assert.That(scenario.AttainmentTarget, Is.EqualTo(0.9));
    }

    [TestCase("\"gpus\"", "\"gpuz\"", "\"gpuz\"", "did you mean \"gpus\"?")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"objective\": { \"ttftSecond\": 1 }", "ttftSecond", "did you mean \"ttftSeconds\"?")]
    [TestCase("\"gpus\": 1", "\"gpus\": \"one\"", "gpus: \"one\" found", "expected a whole number")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1.5", "gpus: 1.5 found", "expected a whole number")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1e20", "gpus: ", "expected a whole number")]
    [TestCase("\"gpus\": 1", "\"gpus\": null", "gpus: null found", "leave the key out")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"objective\": { \"ttftSeconds\": true }", "objective.ttftSeconds: true found", "expected a number")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"objective\": 3", "objective: 3 found", "expected an object in { }")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"bothPrecisionsResident\": \"yes\"", "bothPrecisionsResident: \"yes\" found", "expected true or false")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"batchWaitSeconds\": 0", "batchWaitSeconds: 0 found", "expected a list in [ ]")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"batchLadder\": [[32, 512], [64, \"many\"]]", "batchLadder[1][1]: \"many\" found", "expected a whole number")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"batchLadder\": [null]", "batchLadder[0]: null found", "leave the key out")]
    [TestCase("\"replicas\": 1", "\"replicas\": [1]", "layouts.single[0].replicas: [1] found", "expected a whole number")]
    [TestCase("\"replicas\": 1", "\"replica\": 1", "layouts.single[0].replica", "did you mean \"replicas\"?")]
    [TestCase("\"name\": \"mine\"", "\"name\": 5", "name: 5 found", "expected text in quotes")]
    [TestCase("\"gpus\": 1", "\"gpus\": 0", "Gpus", "between 1 and 4096")]
    [TestCase("llama-3.1-8b", "llama-9", "\"llama-9\"", "llama-3.1-405b")]
    [TestCase("\"h100\"", "\"h999\"", "\"h999\"", "shipped are a100, b200, h100, h200")]
    [TestCase("llama-3.1-8b", "llama-3.1-70b", "llama-3.1-70b does not fit", "usable on each h100")]
    [TestCase("\"replicas\": 1", "\"replicas\": 3", "3 GPUs", "of 1")]
    [TestCase("\"replicas\": 1", "\"maxPromptTokens\": 1000", "no pool takes prompts of 1001 tokens", "cover every length")]
    [TestCase("\"replicas\": 1", "\"minPromptTokens\": 5", "no pool takes prompts of 0 tokens", "cover every length")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"batchLadder\": [[32, 512], [16, 512]]", "16 sequences follow 32", "ascend")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"batchLadder\": [[32, 16]]", "batchLadder", "1 ≤ sequences ≤ tokenBudget")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"batchLadder\": []", "ladder", "at least one rung")]
    [TestCase("\"gpus\": 1", "\"gpus\": 1, \"batchWaitSeconds\": [0.01]", "wait ladder", "ascend from 0")]
    [TestCase("\"single\": [", "\"duo\": [", "\"duo\"", "expected single, tensor, pipeline or hybrid")]
    [TestCase("\"single\": [", "\"7\": [", "\"7\"", "expected single, tensor, pipeline or hybrid")]
    [TestCase("\"parallelism\": \"single\"", "\"parallelism\": \"tensor\"", "parallelism=tensor", "no such layout")]
    [TestCase("\"parallelism\": \"single\"", "\"parallelism\": \"single\", \"speculation\": \"on\"", "speculation=on", "needs a draft")]
    [TestCase("\"parallelism\": \"single\"", "\"parallelism\": \"single\", \"max-batch\": \"100\"", "max-batch=100", "one of 16, 32")]
    [TestCase("\"parallelism\": \"single\"", "\"parallelizm\": \"single\"", "parallelizm=single", "one of the knobs")]
    [TestCase("{ \"name\"", "[ \"name\"", "mine.json", "line 1")]
    public void Parse_SomethingWrong_SaysWhereWhatAndWhatIsExpected(string good, string bad, string found, string expected)
    {
        Assert.That(Good, Does.Contain(good));
        string message = Assert.Throws<ScenarioFormatException>(() => ScenarioFile.Parse("mine.json", Good.Replace(good, bad, StringComparison.Ordinal), "."))!.Message;
        Assert.That(message, Does.StartWith("mine.json: ").And.Contains(found).And.Contains(expected).And.EndsWith("."));
        Assert.That(message, Does.Not.Contain(". ").And.Not.Contain("\n"), "one sentence");
        Assert.That(message, Does.Not.Match("System|Tuner\\.|Int32|Path:|LineNumber"), "words of the file, not of the program");
        Assert.That(message, Does.Not.Contain(" problems: "), "one problem");
    }

    [Test]
    public void Parse_SeveralThingsWrong_SaysThemAll()
    {
        string bad = Good.Replace("llama-3.1-8b", "nothing", StringComparison.Ordinal).Replace("\"gpus\": 1", "\"gpus\": 0", StringComparison.Ordinal);
        string message = Assert.Throws<ScenarioFormatException>(() => ScenarioFile.Parse("mine.json", bad, "."))!.Message;
        Assert.That(message, Does.Contain("nothing").And.Contains("Gpus").And.Contains("problems: "));
    }

    [Test]
    public void Load_NoSuchScenario_NamesTheShippedOnes()
        => Assert.That(() => ScenarioFile.Load("missing"), Throws.TypeOf<ScenarioFormatException>().With.Message.Contains("missing: ").And.Message.Contains("llama8b-1xh100"));
}
