using Tuner.Env.Simulation;

namespace Tuner.Env.Cluster;

public sealed class PrefixCacheTests
{
    [Test]
    public void Evict_Oldest_GoesToHostAndThenAway()
    {
        PrefixCache cache = Holding(hostBlocks: 4, 1, 2, 3);
        Assert.That(cache.EvictOldest(), Is.EqualTo(2));
        Assert.That(cache.TryFind(1, out bool onGpu, out _));
        Assert.That(onGpu, Is.False);
        cache.EvictOldest();
        cache.EvictOldest();
        Assert.That(cache.TryFind(1, out _, out _), Is.False, "host memory holds two blocks of two");
        Assert.That((cache.GpuBlocks, cache.HostBlocks), Is.EqualTo((0, 4)));
    }

    [Test]
    public void Evict_BlockInUse_StaysUntilReleased()
    {
        PrefixCache cache = Holding(hostBlocks: 100, 1);
        cache.Acquire(1);
        Assert.That(cache.IsIdle(1), Is.False);
        Assert.That(cache.EvictOldest(), Is.Zero);
        cache.Release(1);
        Assert.That(cache.IsIdle(1));
        Assert.That(cache.EvictOldest(), Is.EqualTo(2));
    }

    [Test]
    public void LimitHost_Lowered_DropsTheOldest()
    {
        PrefixCache cache = Holding(hostBlocks: 100, 1, 2, 3);
        for (int i = 0; i < 3; i++)
            cache.EvictOldest();
        cache.LimitHost(3);
        Assert.That(cache.HostBlocks, Is.EqualTo(2));
        Assert.That(cache.TryFind(3, out _, out _), "the newest stays");
        Assert.That(cache.TryFind(2, out _, out _), Is.False);
    }

    [Test]
    public void Predict_OnlyOneOffBlocks_ExpectsNothing()
    {
        PrefixCache cache = Holding(hostBlocks: 100, 1, 2);
        cache.Acquire(1);
        cache.Release(1);
        cache.EvictOldest();
        Assert.That(cache.TryPredict(100, 0, out _, out _, out _), Is.False, "2 was never used again");
        cache.EvictOldest();
        Assert.That(cache.TryPredict(100, 0, out ulong hash, out _, out _));
        Assert.That(hash, Is.EqualTo(1));
    }

    [Test]
    public void Counts_RandomUse_Balance()
    {
        RandomStream random = RandomStream.For(4, "test-cache");
        PrefixCache cache = Holding(hostBlocks: 40);
        var used = new List<ulong>();
        for (int i = 0; i < 20_000; i++)
        {
            ulong hash = (ulong)random.NextInt(60);
            bool held = cache.TryFind(hash, out bool onGpu, out _);
            switch (random.NextInt(4))
            {
                case 0 when !held:
                    Assert.That(cache.TryAdd(hash, 2));
                    used.Add(hash);
                    break;
                case 0:
                    cache.Acquire(hash);
                    used.Add(hash);
                    break;
                case 1 when held && !onGpu:
                    cache.Prefetch(hash, i);
                    break;
                case 2:
                    cache.EvictOldest();
                    break;
                default:
                    if (used.Count == 0)
                        break;
                    int which = random.NextInt(used.Count);
                    cache.Release(used[which]);
                    used.RemoveAt(which);
                    break;
            }

            int inUse = 2 * used.Distinct().Count();
            Assert.That(cache.GpuBlocks - cache.EvictableBlocks, Is.EqualTo(inUse));
            Assert.That(cache.HostBlocks, Is.InRange(0, 40));
        }
    }

    /// <summary>Blocks of two KV blocks each, added in order and idle.</summary>
    private static PrefixCache Holding(int hostBlocks, params ulong[] hashes)
    {
        var cache = new PrefixCache();
        cache.LimitHost(hostBlocks);
        foreach (ulong hash in hashes)
            cache.TryAdd(hash, 2);
        foreach (ulong hash in hashes)
            cache.Release(hash);
        return cache;
    }
}
