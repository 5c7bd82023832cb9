using Tuner.Policy.Files;
using Tuner.Policy.Inference;
using Tuner.Policy.Observations;

namespace Tuner.Policy.Tests.Files;

public sealed class PolicyFileTests
{
    private static readonly string[] Fields = ["load", "queue"];
    private string folder = "";

    private string PolicyPath => Path.Combine(folder, "chat.tuner");

    [SetUp]
    public void CreateFolder() => folder = Directory.CreateTempSubdirectory("tuner-policy-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Load_SavedPolicy_IsTheSamePolicy()
    {
        PolicyFile saved = Example();
        saved.Save(PolicyPath);

        PolicyFile loaded = PolicyFile.Load(PolicyPath, 3, Fields);

        Assert.That(loaded.ToBytes(), Is.EqualTo(saved.ToBytes()));
        Assert.That(loaded.Manifest.Scores["goodput"], Is.EqualTo(0.75));
        Assert.That(loaded.Manifest.Traffic, Is.EqualTo(new[] { "azure-conv" }));
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void Load_AnotherSchema_SaysBothSides()
    {
        Example().Save(PolicyPath);

        Assert.That(
            () => PolicyFile.Load(PolicyPath, 4, ["load", "queue", "power"]),
            Throws.TypeOf<PolicyFormatException>().With.Message.EqualTo(
                "chat.tuner expects observation schema 3 with 2 fields; this build encodes schema 4 with 3."));
    }

    [Test]
    public void Load_AnotherFile_IsNotAPolicy()
    {
        File.WriteAllText(PolicyPath, "hello, world");

        Assert.That(() => PolicyFile.Load(PolicyPath), Throws.TypeOf<PolicyFormatException>().With.Message.Contains("is not a policy file"));
    }

    [Test]
    public void Load_EveryShorterFile_IsRefused()
    {
        byte[] whole = Example().ToBytes();
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] part = whole[..length];
            Assert.That(() => PolicyFile.Read(part, "chat.tuner"), Throws.TypeOf<PolicyFormatException>());
        }

        Assert.That(() => PolicyFile.Read(whole[..^1], "chat.tuner"), Throws.TypeOf<PolicyFormatException>().With.Message.Contains("is truncated"));
    }

    [Test]
    public void Load_OneFlippedBit_IsRefused()
    {
        byte[] whole = Example().ToBytes();
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 1;
            Assert.That(() => PolicyFile.Read(damaged, "chat.tuner"), Throws.TypeOf<PolicyFormatException>());
        }
    }

    private static PolicyFile Example() => new(
        3, Fields, [3],
        new ObservationNormalizer([1, 2], [4, 9], 10),
        new PolicyNetwork([new DenseLayer([1, 2, 3, 4], [5, 6]), new DenseLayer([1, 2, 3, 4, 5, 6], [7, 8, 9])]),
        new PolicyManifest { Scenario = "chat", Traffic = ["azure-conv"], Hardware = "h200", Seed = 7, Steps = 1000, Version = "0.1.0", Scores = new Dictionary<string, double> { ["goodput"] = 0.75 } });
}
