namespace Tuner.Env.Scenarios;

public sealed class ModelFileTests
{
    private static readonly string Good = ShippedConfig.Read("models", "llama-3.1-8b")!;

    [TestCase("\"hidden_size\": ", "\"hidden_size\": \"4096\", \"x\": ", "model mine: \"hidden_size\" is \"4096\"; expected a whole number.")]
    [TestCase("\"hidden_size\": ", "\"hidden_size\": 40.5, \"x\": ", "model mine: \"hidden_size\" is 40.5; expected a whole number.")]
    [TestCase("\"hidden_size\": ", "\"hidden_size\": 0, \"x\": ", "model mine: \"hidden_size\" is 0; expected a whole number above 0.")]
    [TestCase("\"hidden_size\": ", "\"hidden_size\": null, \"x\": ", "model mine: \"hidden_size\" is missing; a Hugging Face config.json has it.")]
    [TestCase("{", "[{", "model mine: line ")]
    public void Parse_SomethingWrong_SaysSoInOneSentence(string good, string bad, string expected)
    {
        Assert.That(Good, Does.Contain(good));
        string message = Assert.Throws<ScenarioFormatException>(() => ModelFile.Parse("mine", Good.Replace(good, bad, StringComparison.Ordinal)))!.Message;
        Assert.That(message, Does.StartWith(expected));
        Assert.That(message, Does.Not.Match("System|Path:|LineNumber"));
    }

    [Test]
    public void Parse_AList_SaysWhatAModelIs()
        => Assert.That(() => ModelFile.Parse("mine", "[]"), Throws.TypeOf<ScenarioFormatException>().With.Message.EqualTo("model mine: not a JSON object; a Hugging Face config.json is one."));
}
