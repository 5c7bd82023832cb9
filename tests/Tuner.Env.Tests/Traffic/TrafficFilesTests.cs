using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

[TestFixture]
internal sealed class TrafficFilesTests : TrafficFormatFixture
{
    [Test]
    public void Open_MissingFile_SaysSo()
    {
        string path = Folder.PathOf("nowhere.csv");
        Refuses(path, $"{path}: no such file; expected a trace (Azure CSV, Mooncake JSONL, BurstGPT CSV, ServeGen archive, agentic sessions).");
    }

    [Test]
    public void Open_Folder_SaysSo()
    {
        string path = Path.GetDirectoryName(Folder.PathOf("x"))!;
        Refuses(path, $"{path}: this is a folder; expected a trace file.");
    }

    [Test]
    public void Open_EmptyFile_SaysSo()
        => Refuses(Folder.Write("empty.csv", ""), "empty.csv: the file is empty; a trace needs at least one request.");

    [TestCase("a,b,c\n1,2,3\n"), TestCase("{\"foo\": 1}\n"), TestCase("\u0001\u0002")]
    public void Open_UnknownFormat_SaysWhatIsKnown(string content)
        => Refuses(
            Folder.Write("x.csv", content),
            "x.csv:1: no known trace format; expected Azure CSV (TIMESTAMP,ContextTokens,GeneratedTokens), Mooncake JSONL (timestamp, "
            + "input_length, ...), BurstGPT CSV, a ServeGen archive, agentic sessions or a recorded run.");

    [Test]
    public void Catalog_PresetOrFileOrNeither_OpensOrSaysWhatThereIs()
    {
        string path = Folder.Write("a.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n0,1,1\n");

        Assert.That(TrafficCatalog.Open("conversation", 3), Is.TypeOf<SyntheticTraffic>());
        Assert.That(TrafficCatalog.Open(path, 3).Count(), Is.EqualTo(1));
        Assert.That(
            () => TrafficCatalog.Open("convrsation", 3),
            Throws.TypeOf<TrafficFormatException>().With.Message.EqualTo(
                "convrsation: neither a file nor a preset; presets are conversation, code, long-context, reasoning, mixed-day, each also as preset@seed."));
    }

    [TestCase(-1.0, null, "code: -1 seconds were asked for; more than 0 were expected.")]
    [TestCase(null, 0.0, "code: 0 requests a second were asked for; more than 0 were expected.")]
    public void Catalog_NonsenseOptions_SaysWhatWasExpected(double? seconds, double? rate, string message)
        => Assert.That(
            () => TrafficCatalog.Open("code", 1, seconds, rate),
            Throws.TypeOf<TrafficFormatException>().With.Message.EqualTo(message));
}
