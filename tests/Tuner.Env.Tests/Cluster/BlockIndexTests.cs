using Tuner.Env.Simulation;

namespace Tuner.Env.Cluster;

public sealed class BlockIndexTests
{
    [Test]
    public void Index_RandomAddsAndRemoves_AgreesWithADictionary()
    {
        RandomStream random = RandomStream.For(3, "test-index");
        var index = new BlockIndex();
        var expected = new Dictionary<ulong, int>();
        var copy = new BlockIndex();
        for (int i = 0; i < 50_000; i++)
        {
            // Few distinct hashes, many of which fall into the same slots.
            ulong hash = (ulong)random.NextInt(3000) << random.NextInt(2);
            if (expected.Remove(hash))
            {
                index.Remove(hash);
            }
            else
            {
                expected.Add(hash, i);
                index.Add(hash, i);
            }

            if (i % 5000 == 0)
                copy.CopyFrom(index);
            ulong asked = (ulong)random.NextInt(3000);
            Assert.That(index.TryGet(asked, out int place), Is.EqualTo(expected.TryGetValue(asked, out int known)));
            if (expected.ContainsKey(asked))
                Assert.That(place, Is.EqualTo(known));
        }

        copy.CopyFrom(index);
        foreach ((ulong hash, int place) in expected)
        {
            Assert.That(copy.TryGet(hash, out int found));
            Assert.That(found, Is.EqualTo(place));
        }
    }
}
