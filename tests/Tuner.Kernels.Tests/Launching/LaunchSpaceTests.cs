using Tuner.Kernels.Launching;

namespace Tuner.Kernels.Tests.Launching;

internal sealed class LaunchSpaceTests
{
    private static readonly LaunchAxis[] Axes = [new("threads", [64, 128, 256]), new("tile", [1, 2, 4, 8])];

    [Test]
    public void Of_ARule_KeepsWhatItAllowsInOrder()
    {
        LaunchSpace space = LaunchSpace.Of(Axes, values => values[0] * values[1] <= 512);

        Assert.That(Enumerable.Range(0, space.Count).Select(space.Describe), Is.EqualTo(new[]
        {
            "threads=64 tile=1", "threads=64 tile=2", "threads=64 tile=4", "threads=64 tile=8",
            "threads=128 tile=1", "threads=128 tile=2", "threads=128 tile=4", "threads=256 tile=1", "threads=256 tile=2",
        }));
    }

    [Test]
    public void Find_EveryConfiguration_IsItself()
    {
        LaunchSpace space = LaunchSpace.Of(Axes, values => values[1] != 2);

        for (int i = 0; i < space.Count; i++)
            Assert.That(space.Find(space.Places(i)), Is.EqualTo(i));
        Assert.That(space.Find([0, 1]), Is.Null);
    }

    [Test]
    public void Neighbours_OfAny_DifferInOneParameter()
    {
        LaunchSpace space = LaunchSpace.Of(Axes, values => values[0] * values[1] <= 512);

        Assert.That(space.Neighbours(8).Select(space.Describe), Is.EquivalentTo(new[] { "threads=64 tile=2", "threads=128 tile=2", "threads=256 tile=1" }));
    }

    [Test]
    public void OfRows_ATwin_IsRefused()
        => Assert.That(() => LaunchSpace.OfRows(["threads"], [[64], [64]]), Throws.ArgumentException.With.Message.Contains("threads=64"));

    [Test]
    public void Of_NothingAllowed_IsRefused()
        => Assert.That(() => LaunchSpace.Of(Axes, _ => false), Throws.ArgumentException);
}
