using System.Text;
using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

public sealed class BurstGptReaderTests
{
    private const string Header = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n";

    [Test]
    public void Enumerating_FailedRequests_AreSkipped()
    {
        InferenceRequest[] requests = [.. Read(Header + "5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,10,0,10,API log\n118,ChatGPT,1087,230,1317,API log\n")];

        Assert.That(requests, Has.Length.EqualTo(2));
        Assert.That(requests[1].ArrivalSeconds, Is.EqualTo(113));
        Assert.That((requests[1].PromptTokens, requests[1].OutputTokens), Is.EqualTo((1087, 230)));
    }

    [TestCase("5,ChatGPT,472,many,490,API log\n", "b.csv:2: Response tokens is \"many\"; expected a whole number of tokens.")]
    [TestCase("later,ChatGPT,472,1,490,API log\n", "b.csv:2: Timestamp is \"later\"; expected seconds.")]
    [TestCase("5,a,1,1,2,API log\n4,a,1,1,2,API log\n", "b.csv:3: arrival -1 s is earlier than the line before (0 s); traces ascend.")]
    public void Enumerating_BrokenRow_NamesFileAndLine(string rows, string message)
        => Assert.That(() => Read(Header + rows).ToArray(), Throws.TypeOf<TrafficFormatException>().With.Message.EqualTo(message));

    [Test]
    public void Recognises_OnlyItsHeader_SaysYes()
    {
        Assert.That(BurstGptReader.Recognises(Encoding.UTF8.GetBytes(Header)), Is.True);
        Assert.That(BurstGptReader.Recognises("TIMESTAMP,ContextTokens,GeneratedTokens\n"u8), Is.False);
    }

    private static BurstGptReader Read(string text) => new("b.csv", () => new MemoryStream(Encoding.UTF8.GetBytes(text)));
}
