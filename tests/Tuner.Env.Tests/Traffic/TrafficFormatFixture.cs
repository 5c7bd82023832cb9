using Tuner.Env.Traffic;

namespace Tuner.Env.Tests.Traffic;

/// <summary>What tests of every format need: files to write and requests to read back.</summary>
internal abstract class TrafficFormatFixture
{
    protected TemporaryFolder Folder { get; private set; } = null!;

    [SetUp]
    public void CreateFolder() => Folder = new TemporaryFolder();

    [TearDown]
    public void DeleteFolder() => Folder.Dispose();

    protected static List<InferenceRequest> Read(string path)
        => [.. TrafficFiles.Open(path)];

    protected static void Refuses(string path, string message)
    {
        var refusal = Assert.Throws<TrafficFormatException>(() => Read(path));
        Assert.That(refusal!.Message, Is.EqualTo(message));
    }
}
