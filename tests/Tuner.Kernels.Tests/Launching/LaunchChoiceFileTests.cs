using Tuner.Kernels.Launching;

namespace Tuner.Kernels.Tests.Launching;

internal sealed class LaunchChoiceFileTests
{
    private static readonly LaunchSpace Space = LaunchSpace.Of([new("threads", [64, 128, 256]), new("tile", [1, 2])], _ => true);
    private static readonly LaunchChoice Choice = new(3, 1e-3, 0.9e-3, 1.1e-3, 6, 1, 30, true);
    private string path = "";

    [SetUp]
    public void Name() => path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"launches-{TestContext.CurrentContext.Test.ID}.json");

    [TearDown]
    public void Remove()
    {
        File.Delete(path);
        File.Delete(path + ".damaged");
    }

    private LaunchChoiceFile Open() => LaunchChoiceFile.Open(path, TimeProvider.System);

    private static LaunchKey Key(string driver = "570.1", string shape = "64x1024") => new("NVIDIA H200", driver, "abc", shape);

    [Test]
    public void Keep_ThenOpen_FindsItForThatKeyAlone()
    {
        Open().Keep(Key(), Space, Choice);

        LaunchChoiceFile again = Open();

        Assert.That(again.Complaint, Is.Null);
        Assert.That(again.Find(Key(), Space), Is.EqualTo(3));
        Assert.That(again.Find(Key(driver: "580.0"), Space), Is.Null);
        Assert.That(again.Find(Key(shape: "128x1024"), Space), Is.Null);
    }

    [Test]
    public void Find_ASpaceThatLostTheChoice_AsksForAnother()
    {
        Open().Keep(Key(), Space, Choice);

        Assert.That(Open().Find(Key(), LaunchSpace.Of([new("threads", [64, 256]), new("tile", [1, 2])], _ => true)), Is.Null);
        Assert.That(Open().Find(Key(), LaunchSpace.Of([new("threads", [64, 128])], _ => true)), Is.EqualTo(1));
    }

    [TestCase("{ \"format\": 1, \"choices\": [ { \"key\"")]
    [TestCase("{ \"format\": 99, \"choices\": [] }")]
    [TestCase("{ \"format\": 1 }")]
    [TestCase("{ \"format\": 1, \"choices\": [ { } ] }")]
    [TestCase("null")]
    [TestCase("")]
    [TestCase("PNG \u0001\u0002")]
    public void Open_ADamagedFile_SaysSoInOneSentenceAndStartsAfresh(string content)
    {
        File.WriteAllText(path, content);

        LaunchChoiceFile file = Open();

        Assert.That(file.Complaint, Does.StartWith(path).And.Contains("moved to"));
        Assert.That(file.Count, Is.Zero);
        Assert.That(File.ReadAllText(path + ".damaged"), Is.EqualTo(content));
        file.Keep(Key(), Space, Choice);
        Assert.That(Open().Find(Key(), Space), Is.EqualTo(3));
    }

    [Test]
    public void Keep_TwoProcessesAtOnce_LosesNeitherChoice()
    {
        LaunchChoiceFile one = Open();
        LaunchChoiceFile other = Open();

        one.Keep(Key(shape: "1x1024"), Space, Choice);
        other.Keep(Key(shape: "2x1024"), Space, Choice with { Configuration = 5 });

        Assert.That(Open().Find(Key(shape: "1x1024"), Space), Is.EqualTo(3));
        Assert.That(Open().Find(Key(shape: "2x1024"), Space), Is.EqualTo(5));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*.tmp"), Is.Empty);
    }

    [Test]
    public void Keep_FromManyThreads_KeepsAll()
    {
        LaunchChoiceFile file = Open();

        Parallel.For(0, 40, i => file.Keep(Key(shape: $"{i}"), Space, Choice));

        Assert.That(Open().Count, Is.EqualTo(40));
    }

    [Test]
    public void FindOrChoose_Twice_ChoosesOnce()
    {
        int asked = 0;
        LaunchChoice? Ask()
        {
            asked++;
            return Choice;
        }

        Assert.That(Open().FindOrChoose(Key(), Space, Ask), Is.EqualTo(3));
        Assert.That(Open().FindOrChoose(Key(), Space, Ask), Is.EqualTo(3));
        Assert.That(asked, Is.EqualTo(1));
    }

    [TestCase("64x1024", 33, 1024)]
    [TestCase("1x1", 1, 1)]
    public void Bucket_OfSizes_RoundsEachUpToAPowerOfTwo(string bucket, int one, int other)
        => Assert.That(LaunchKey.Bucket(one, other), Is.EqualTo(bucket));

    [Test]
    public void HashOf_AnotherSourceOrSpace_IsAnotherHash()
    {
        string hash = LaunchKey.HashOf("kernel"u8, Space);

        Assert.That(LaunchKey.HashOf("kernel"u8, Space), Is.EqualTo(hash));
        Assert.That(LaunchKey.HashOf("kernel "u8, Space), Is.Not.EqualTo(hash));
        Assert.That(LaunchKey.HashOf("kernel"u8, LaunchSpace.Of([new("threads", [64])], _ => true)), Is.Not.EqualTo(hash));
    }
}
