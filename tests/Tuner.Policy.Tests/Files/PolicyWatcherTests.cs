using Tuner.Policy.Files;
using Tuner.Policy.Tests.Hosting;

namespace Tuner.Policy.Tests.Files;

public sealed class PolicyWatcherTests
{
    private string path = "";

    private static IEnumerable<TestCaseData> OtherContracts()
    {
        ServingContract own = ExamplePolicy.Contract;
        yield return new TestCaseData(own with { BatchLadder = [new(32, 2048), new(64, 4096)] }, "batch ladder 32/64, expected 64/128/256").SetArgDisplayNames("ladder");
        yield return new TestCaseData(own with { Drafts = ["draft-1b"] }, "drafts draft-1b, expected draft-1b/draft-3b").SetArgDisplayNames("drafts");
        yield return new TestCaseData(own with { QualityBudget = 0.5 }, "quality budget of 0.5").SetArgDisplayNames("budget");
        yield return new TestCaseData(own with { Fp4Loss = 1.5 }, "quality losses of 1.5 and 0.3 points, expected 0.5 and 0.3").SetArgDisplayNames("loss");
    }

    [SetUp]
    public void MakeFolder() => path = Path.Combine(Directory.CreateTempSubdirectory("tuner-watcher-").FullName, "policy.tuner");

    [TearDown]
    public void RemoveFolder() => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

    [TestCaseSource(nameof(OtherContracts))]
    public void Look_PolicyOfAnotherEngine_IsRefusedWithTheDifference(ServingContract other, string difference)
    {
        Save(other);
        var watcher = new PolicyWatcher(path, ExamplePolicy.Contract);

        watcher.Look();

        Assert.That(watcher.Problem, Does.StartWith("policy.tuner was trained for another engine: ").And.Contain(difference));
        Assert.That(watcher.Current, Is.Null);
    }

    [Test]
    public void Look_ReplacedByOneOfAnotherEngine_TheOldOneStays()
    {
        Save(ExamplePolicy.Contract);
        var watcher = new PolicyWatcher(path, null);
        watcher.Look();
        PolicyFile? before = watcher.Current;

        Save(ExamplePolicy.Contract with { BatchLadder = [new(32, 2048), new(64, 4096), new(512, 8192), new(1024, 8192)] });
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(5));
        watcher.Look();

        Assert.That(watcher.Problem, Does.Contain("batch ladder"));
        Assert.That(watcher.Current, Is.SameAs(before).And.Not.Null);
    }

    private void Save(ServingContract contract)
    {
        PolicyFile file = ExamplePolicy.SpeculationOn();
        new PolicyFile(file.SchemaVersion, file.Fields, file.HeadSizes, file.Normalizer, file.Network, file.Manifest with { Serving = contract }).Save(path);
    }
}
