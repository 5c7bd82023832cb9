using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

[TestFixture]
internal sealed class MooncakeReaderTests : TrafficFormatFixture
{
    [Test]
    public void Read_RequestsOfOneTick_SpreadOverItsThreeSeconds()
    {
        string path = Folder.Write("mooncake.jsonl", Line(0, 600) + Line(0, 600) + Line(3000, 600) + Line(9000, 600) + Line(9000, 600));

        Assert.That(Read(path).Select(request => request.ArrivalSeconds), Is.EqualTo(new[] { 0, 1.5, 3, 9, 10.5 }));
    }

    [Test]
    public void Read_FineTimes_StayInOrder()
    {
        string path = Folder.Write("mooncake.jsonl", Line(0, 600) + Line(0, 600) + Line(10.5, 600));

        Assert.That(Read(path).Select(request => request.ArrivalSeconds), Is.EqualTo(new[] { 0, 0.00525, 0.0105 }).Within(1e-12));
    }

    [Test]
    public void Read_HashIds_FullBlocksOnlyAndSharedWhereIdsAre()
    {
        string path = Folder.Write("mooncake.jsonl", Line(0, 1500, "[0, 5, 6]") + Line(3000, 1024, "[0, 9]"));

        List<InferenceRequest> requests = Read(path);

        Assert.That(requests[0].PrefixBlockTokens, Is.EqualTo(512));
        Assert.That(requests[0].PrefixBlocks.Length, Is.EqualTo(2), "1500 tokens fill two blocks of 512");
        Assert.That(requests[1].PrefixBlocks.Span[0], Is.EqualTo(requests[0].PrefixBlocks.Span[0]));
        Assert.That(requests[1].PrefixBlocks.Span[1], Is.Not.EqualTo(requests[0].PrefixBlocks.Span[1]));
        Assert.That(requests[0].Class, Is.EqualTo(TrafficClass.LongContext));
    }

    [Test]
    public void Read_BackInTime_SaysLineAndBothTimes()
        => Refuses(
            Folder.Write("m.jsonl", Line(3000, 600) + Line(1500, 600)),
            "m.jsonl:2: arrival 1.5 s is earlier than the line before (3 s); traces ascend.");

    [Test]
    public void Read_NotJson_SaysWhere()
        => Refuses(
            Folder.Write("m.jsonl", Line(0, 600) + "{\"timestamp\": oops}\n"),
            "m.jsonl:2: not a Mooncake record; expected timestamp, input_length, output_length and hash_ids as numbers.");

    [Test]
    public void Read_MissingProperty_SaysWhich()
        => Refuses(
            Folder.Write("m.jsonl", "{\"timestamp\": 0, \"input_length\": 5, \"hash_ids\": []}\n"),
            "m.jsonl:1: not a Mooncake record; expected timestamp, input_length, output_length and hash_ids as numbers.");

    [Test]
    public void Read_WrongType_SaysWhatWasFound()
        => Refuses(
            Folder.Write("m.jsonl", "{\"timestamp\": 0, \"input_length\": \"5\", \"output_length\": 1, \"hash_ids\": []}\n"),
            "m.jsonl:1: not a Mooncake record; expected timestamp, input_length, output_length and hash_ids as numbers.");

    [TestCase("saved.jsonl"), TestCase("saved.jsonl.gz")]
    public void Save_AnyTraffic_ReadsBackTheSame(string file)
    {
        InferenceRequest[] requests =
        [
            new(0, 100, 5, TrafficClass.Chat, new ulong[] { 11, 22 }, 48),
            new(0.25, 2048, 7, TrafficClass.LongContext, new ulong[] { 11, 33, 44, 55 }, 512),
            new(0.2501234, 30, 9, TrafficClass.Code),
        ];

        long count = TrafficFiles.Save(new ListedTraffic(requests), Folder.PathOf(file));
        List<InferenceRequest> read = Read(Folder.PathOf(file));

        Assert.That(count, Is.EqualTo(3));
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.That(read[i].ArrivalSeconds, Is.EqualTo(requests[i].ArrivalSeconds).Within(2e-6));
            Assert.That(
                (read[i].PromptTokens, read[i].OutputTokens, read[i].Class, read[i].PrefixBlocks.Length, read[i].PrefixBlockTokens),
                Is.EqualTo((requests[i].PromptTokens, requests[i].OutputTokens, requests[i].Class, requests[i].PrefixBlocks.Length, requests[i].PrefixBlockTokens)));
        }

        Assert.That(read[1].PrefixBlocks.Span[0], Is.EqualTo(read[0].PrefixBlocks.Span[0]));
        Assert.That(read[1].PrefixBlocks.Span[1], Is.Not.EqualTo(read[0].PrefixBlocks.Span[1]));
    }

    [Test]
    public void Save_Interrupted_LeavesNothing()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.That(
            () => TrafficFiles.Save(TrafficPresets.Open("code", 1), Folder.PathOf("never.jsonl"), cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(Folder.PathOf("x"))!), Is.Empty);
    }

    // Bursts of many requests within a microsecond, as the code preset has them: once read, they were spread over seconds.
    [Test]
    public void Save_ClumpedTraffic_KeepsItsClumps()
    {
        SyntheticTraffic code = TrafficPresets.Open("code", 3, 600);

        TrafficFiles.Save(code, Folder.PathOf("code.jsonl.gz"));
        TrafficStatistics saved = TrafficStatistics.Of(Read(Folder.PathOf("code.jsonl.gz")));

        Assert.That(saved.DispersionIndex, Is.EqualTo(TrafficStatistics.Of(code).DispersionIndex).Within(1).Percent);
        Assert.That(Read(Folder.PathOf("code.jsonl.gz")).Select(request => request.ArrivalSeconds), Is.Ordered);
    }

    private static string Line(double milliseconds, int prompt, string hashes = "[0]")
        => FormattableString.Invariant(
            $"{{\"timestamp\": {milliseconds}, \"input_length\": {prompt}, \"output_length\": 9, \"hash_ids\": {hashes}}}\n");
}
