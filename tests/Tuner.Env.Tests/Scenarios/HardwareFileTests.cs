using System.Text.Json;

namespace Tuner.Env.Scenarios;

public sealed class HardwareFileTests
{
    private static readonly string Good = ShippedConfig.Read("hardware", "h100")!;

    [TestCase("\"memoryBytes\":", "\"memoryBytes\": \"much\", \"x\":", "memoryBytes: \"much\" found; expected a number")]
    [TestCase("\"name\":", "\"name\": 5, \"x\":", "name: 5 found; expected text in quotes")]
    [TestCase("\"name\":", "\"name\": null, \"x\":", "name: null found; expected text in quotes")]
    [TestCase("\"memoryBytes\":", "\"memoryBites\":", "unknown key \"memoryBites\" (did you mean \"memoryBytes\"?)")]
    [TestCase("\"roofline\": {", "\"roofline\": { \"speed\": 1,", "unknown key \"engines[0].gemm[0].roofline.speed\"")]
    [TestCase("\"provenance\": \"published\"", "\"provenance\": \"guessed\"", "engines[0].gemm[0].provenance: \"guessed\" found; expected one of ")]
    [TestCase("{", "{,", "line 1: not valid JSON (")]
    public void Parse_SomethingWrong_SaysWhereWhatAndWhatIsExpected(string good, string bad, string expected)
    {
        string text = string.Concat(Good.AsSpan(0, Good.IndexOf(good, StringComparison.Ordinal)), bad, Good.AsSpan(Good.IndexOf(good, StringComparison.Ordinal) + good.Length));

        AssertSentence(text, expected);
    }

    [TestCase("\"memoryBytes\"", "\"memoryBytes\" missing")]
    [TestCase("\"flopsPerSecond\"", "engines[0].gemm[0].roofline: \"flopsPerSecond\" missing")]
    public void Parse_WithoutAKey_NamesIt(string key, string expected)
        => AssertSentence(string.Join('\n', Good.Split('\n').Where(line => !line.Contains(key, StringComparison.Ordinal))), expected);

    [Test]
    public void Write_ShippedProfile_ReadsBackTheSame()
        => Assert.That(HardwareFile.Write(HardwareFile.Parse(HardwareFile.Write(HardwareFile.Parse(Good)))), Is.EqualTo(HardwareFile.Write(HardwareFile.Parse(Good))));

    private static void AssertSentence(string text, string expected)
    {
        string message = Assert.Throws<JsonException>(() => HardwareFile.Parse(text))!.Message;
        Assert.That(message, Does.StartWith(expected));
        Assert.That(message, Does.Not.Match("System|Tuner\\.|Path:|LineNumber"));
    }
}
