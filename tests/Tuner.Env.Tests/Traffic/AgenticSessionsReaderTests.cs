using System.Text;
using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

public sealed class AgenticSessionsReaderTests
{
    private const string Session = """{"id":"a","block_size":64,"hash_id_scope":"local","requests":[{"t":0.0,"type":"n","in":130,"out":5,"hash_ids":[1,2]},{"t":20.0,"type":"subagent","status":"completed","duration_ms":15000,"requests":[{"t":1.0,"type":"s","in":70,"out":0,"hash_ids":[1]}]},{"t":30.0,"type":"s","in":200,"out":9,"hash_ids":[1,2,3]}]}""";

    [Test]
    public void Enumerating_SubAgent_StartsItsDurationBeforeItsEnd()
    {
        InferenceRequest[] requests = [.. Read(Session)];

        Assert.That(requests.Select(request => request.ArrivalSeconds), Is.EqualTo(new[] { 0.0, 6, 30 }));
        Assert.That(requests.Select(request => request.PrefixBlocks.Length), Is.EqualTo(new[] { 2, 1, 3 }));
        Assert.That(requests[1].OutputTokens, Is.EqualTo(1));
        Assert.That(requests[2].PrefixBlocks.Span.StartsWith(requests[0].PrefixBlocks.Span), Is.True);
    }

    [Test]
    public void Enumerating_TwoSessions_ShareNoBlocks()
    {
        InferenceRequest[] requests = [.. Read(Session + "\n" + Session)];
        int distinct = requests.SelectMany(request => request.PrefixBlocks.ToArray()).Distinct().Count();

        Assert.That(distinct, Is.EqualTo(6));
        Assert.That(requests.Select(request => request.ArrivalSeconds), Is.Ordered);
    }

    [Test]
    public void Enumerating_BrokenSession_NamesFileAndLine()
        => Assert.That(
            () => Read(Session + "\n{\"id\":1}").ToArray(),
            Throws.TypeOf<TrafficFormatException>().With.Message.StartsWith("a.jsonl:2: not an agentic session; expected "));

    [Test]
    public void Enumerating_RealSessions_MatchesPublishedFigures()
    {
        TrafficStatistics all = TrafficStatistics.Of(new AgenticSessionsReader("agentic", SharedTraces.Open("agentic_coding_sessions.0251-0350.jsonl.gz"), 7));

        Assert.That(all.Count, Is.EqualTo(8766));
        Assert.That(all.PromptTokens.Mean, Is.EqualTo(92305).Within(0.1).Percent);
        Assert.That(all.OutputTokens.Mean, Is.EqualTo(469).Within(0.5).Percent);
        Assert.That(all.PrefixHitShare, Is.EqualTo(0.96).Within(0.01));
    }

    private static AgenticSessionsReader Read(string text) => new("a.jsonl", () => new MemoryStream(Encoding.UTF8.GetBytes(text)), 3);
}
