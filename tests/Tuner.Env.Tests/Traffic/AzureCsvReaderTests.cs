using System.Text;
using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

[TestFixture]
internal sealed class AzureCsvReaderTests : TrafficFormatFixture
{
    private const string Header = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n";

    [TestCase("2023-11-16 18:15:46.6805900", "2023-11-16 18:15:50.9305900")]
    [TestCase("2024-05-10 23:59:58.000000+00:00", "2024-05-11 00:00:02.250000+00:00")]
    [TestCase("1699.5", "1703.75")]
    public void Read_EachTimestampForm_GivesSecondsFromTheFirst(string first, string second)
    {
        string path = Folder.Write("azure.csv", $"{Header}{first},374,44\r\n{second},0,0\r\n");

        List<InferenceRequest> requests = Read(path);

        Assert.That(requests, Is.EqualTo(new[]
        {
            new InferenceRequest(0, 374, 44, TrafficClass.Chat),
            new InferenceRequest(4.25, 1, 1, TrafficClass.Chat),
        }));
    }

    [Test]
    public void Read_CodeInTheName_IsCode()
        => Assert.That(Read(Folder.Write("azure-code.csv", $"{Header}1,2,3\r\n"))[0].Class, Is.EqualTo(TrafficClass.Code));

    [Test]
    public void Read_GzipUnderAnyName_IsUnpacked()
        => Assert.That(Read(Folder.WriteGzip("azure.csv", $"{Header}1,2,3\r\n")), Has.Count.EqualTo(1));

    [Test]
    public void Read_Twice_SameRequests()
    {
        ITrafficSource source = TrafficFiles.Open(Folder.Write("azure.csv", $"{Header}1,2,3\r\n2,3,4\r\n"));

        Assert.That(source.ToList(), Is.EqualTo(source.ToList()));
    }

    [Test]
    public void Read_BackInTime_SaysLineAndBothTimes()
        => Refuses(
            Folder.Write("azure.csv", $"{Header}0,2,3\r\n1702,2,3\r\n1699,3,4\r\n"),
            "azure.csv:4: arrival 1699 s is earlier than the line before (1702 s); traces ascend.");

    [Test]
    public void Read_NotANumber_SaysWhatWasFound()
        => Refuses(
            Folder.Write("azure.csv", $"{Header}0,2,3\r\n1,many,3\r\n"),
            "azure.csv:3: ContextTokens is \"many\"; expected a whole number of tokens.");

    [Test]
    public void Read_NotATime_SaysWhatWasFound()
        => Refuses(
            Folder.Write("azure.csv", $"{Header}noon,2,3\r\n"),
            "azure.csv:2: TIMESTAMP is \"noon\"; expected yyyy-MM-dd HH:mm:ss.fffffff or seconds.");

    [Test]
    public void Read_MissingColumn_SaysWhichAndWhatThereIs()
        => Refuses(
            Folder.Write("azure.csv", "TIMESTAMP,ContextTokens\r\n0,2\r\n"),
            "azure.csv:1: columns TIMESTAMP,ContextTokens found; an Azure trace has TIMESTAMP,ContextTokens,GeneratedTokens.");

    [Test]
    public void Read_CutOffLine_SaysHowManyColumns()
        => Refuses(Folder.Write("azure.csv", $"{Header}0,2,3\r\n1,2"), "azure.csv:3: 2 columns found; GeneratedTokens is missing.");

    [Test]
    public void Read_TruncatedGzip_SaysSo()
    {
        var text = new StringBuilder(Header);
        for (int i = 0; i < 20_000; i++)
            text.Append(i).Append(',').Append(i * 7919 % 4001).Append(",5\r\n");
        byte[] packed = TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(text.ToString()));
        string path = Folder.Write("azure.csv.gz", packed[..(packed.Length / 2)]);

        var refusal = Assert.Throws<TrafficFormatException>(() => Read(path));
        Assert.That(refusal!.Message, Does.Match("^azure.csv.gz: the gzip data ends early after [0-9]+ bytes; the file seems cut off.$"));
    }

    [Test]
    public void Read_GzipOfSeveralMembers_IsWhole()
    {
        byte[] one = TemporaryFolder.Gzip(Encoding.UTF8.GetBytes($"{Header}1,2,3\r\n2,3,4\r\n"));
        byte[] two = TemporaryFolder.Gzip("3,4,5\r\n"u8.ToArray());

        Assert.That(Read(Folder.Write("azure.csv.gz", [.. one, .. two])), Has.Count.EqualTo(3));
    }
}
