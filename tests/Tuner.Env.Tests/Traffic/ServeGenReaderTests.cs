using System.Formats.Tar;
using System.Text;
using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

public sealed class ServeGenReaderTests
{
    private const string Lengths = """{"0": {"input_tokens": "{100: 0.5, 300: 0.5}", "output_tokens": "{7: 1.0}", "reason_ratio": "{}"}}""";

    [TestCase("Gamma", 1.0), TestCase("Weibull", 0.5)]
    public void Enumerating_TwoClients_KeepsRateAndOrder(string pattern, double shape)
    {
        Func<Stream> tar = Archive(
            ("chunk-0-trace.csv", FormattableString.Invariant($"0,10,1,{pattern},{shape},1\r\n600,0,0,,0,0\r\n")),
            ("chunk-0-dataset.json", Lengths),
            ("chunk-1-trace.csv", "0,5,1,Gamma,1,0.2\n600,5,1,Gamma,1,0.2\n"));
        InferenceRequest[] requests = [.. new ServeGenReader("s.tar", tar, 1)];

        Assert.That(requests, Has.Length.EqualTo(12_000).Within(2));
        Assert.That(requests.Select(request => request.ArrivalSeconds), Is.Ordered);
        Assert.That(requests.Average(request => request.PromptTokens), Is.EqualTo(200).Within(3).Percent);
        Assert.That(requests.All(request => request.OutputTokens == 7), Is.True);
        Assert.That(new ServeGenReader("s.tar", tar, 1).SequenceEqual(requests), Is.True);
        Assert.That(new ServeGenReader("s.tar", tar, 2).SequenceEqual(requests), Is.False);
    }

    [Test]
    public void Enumerating_UnknownPattern_NamesEntryAndLine()
        => Assert.That(
            () => new ServeGenReader("s.tar", Archive(("chunk-0-trace.csv", "0,1,1,Pareto,1,1\n")), 1).Any(),
            Throws.TypeOf<TrafficFormatException>().With.Message.EqualTo("s.tar/chunk-0-trace.csv:1: pattern is \"Pareto\"; expected Gamma, Weibull or nothing."));

    [Test]
    public void Enumerating_RealArchive_MatchesPublishedFigures()
    {
        Func<Stream> open = SharedTraces.Open("servegen_m-large.day00-03.tar.gz");
        using (Stream stream = open())
        {
            var head = new byte[4096];
            stream.ReadExactly(head);
            Assert.That(ServeGenReader.Recognises(head), Is.True);
        }

        TrafficStatistics first = TrafficStatistics.Of(new ServeGenReader("servegen", open, 7).TakeWhile(request => request.ArrivalSeconds < 3600));

        // The tables of that hour, weighted by rate, with the pool for clients without one; 840 and 166 over the four days.
        // 205.4 requests a second in the first hour of the rate files.
        Assert.That(first.RequestsPerSecond, Is.EqualTo(205.4).Within(1).Percent);
        Assert.That(first.PromptTokens.Mean, Is.EqualTo(455).Within(2).Percent);
        Assert.That(first.OutputTokens.Mean, Is.EqualTo(266).Within(2).Percent);
    }

    private static Func<Stream> Archive(params (string Name, string Text)[] files)
    {
        var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string name, string text) in files)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "data/" + name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        }

        byte[] bytes = stream.ToArray();
        return () => new MemoryStream(bytes);
    }
}
