using Tuner.Env.Simulation;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Tests.Reference;

internal sealed class DecodeAttentionTests
{
    private const int Block = PagedKvCache.BlockTokens;

    private CpuTeam team = null!;

    [OneTimeSetUp]
    public void Start() => team = new CpuTeam(3);

    [OneTimeTearDown]
    public void Stop() => team.Dispose();

    [Test]
    public void Attend_RandomShapesAndPages_AgreesWithTheDefinition([Values] KvFormat format)
    {
        RandomStream random = RandomStream.For(1, $"decode {format}");
        foreach ((int heads, int kvHeads, int dim) in new[] { (1, 1, 8), (8, 2, 40), (6, 2, 64), (5, 1, 128), (4, 4, 33) })
        {
            var shape = new AttentionShape(heads, kvHeads, dim);
            int[] contexts = [1, 15, 16, 17, 64, 65, 1 + random.NextInt(200)];
            (float[] output, float[] expected) = Run(random, shape, contexts, format, shuffled: true);

            // In 8 bits an element is off by at most 1/254 of its row's largest; here values lie in [−1, 1].
            Assert.That(output, Is.EqualTo(expected).Within(format == KvFormat.Int8 ? 0.01 : 2e-6), shape.ToString());
        }
    }

    [Test]
    public void Attend_ShuffledBlocks_GivesTheSameBits([Values] KvFormat format)
    {
        var shape = new AttentionShape(4, 2, 32);
        int[] contexts = [40, 131, 7];

        (float[] inOrder, _) = Run(RandomStream.For(3, "paging"), shape, contexts, format, shuffled: false);
        (float[] shuffled, _) = Run(RandomStream.For(3, "paging"), shape, contexts, format, shuffled: true);

        Assert.That(shuffled, Is.EqualTo(inOrder));
    }

    [Test]
    public void Attend_TokensBeyondTheContext_AreNotSeen()
    {
        var shape = new AttentionShape(2, 1, 16);
        using var cache = new PagedKvCache(1, shape, KvFormat.Float32);
        RandomStream random = RandomStream.For(4, "beyond");
        for (int slot = 0; slot < 10; slot++)
            cache.Write(0, slot, Draw.Numbers(random, 16), Draw.Numbers(random, 16));
        float[] query = Draw.Numbers(random, 32);
        float[] before = new float[32];
        float[] after = new float[32];
        float[] within = new float[32];

        DecodeAttention.Attend(team, cache, [0], [9], query, before);
        cache.Write(0, 9, Draw.Numbers(random, 16), Draw.Numbers(random, 16));
        DecodeAttention.Attend(team, cache, [0], [9], query, after);
        DecodeAttention.Attend(team, cache, [0], [10], query, within);

        Assert.That(after, Is.EqualTo(before));
        Assert.That(within, Is.Not.EqualTo(before));
    }

    [Test]
    public void Attend_LastTokenOfAPrompt_AgreesWithPrefill()
    {
        var shape = new AttentionShape(8, 2, 64);
        const int tokens = 150;
        RandomStream random = RandomStream.For(5, "both");
        float[] q = Draw.Numbers(random, tokens * 8 * 64);
        float[] k = Draw.Numbers(random, tokens * 2 * 64);
        float[] v = Draw.Numbers(random, tokens * 2 * 64);
        using var prefill = new PrefillAttention(team, shape, tokens);
        float[] whole = new float[q.Length];
        prefill.Attend(q, k, v, tokens, whole);
        using var cache = new PagedKvCache(10, shape, KvFormat.Float32);
        for (int i = 0; i < tokens; i++)
            cache.Write(i / Block, i % Block, k.AsSpan(i * 128, 128), v.AsSpan(i * 128, 128));
        float[] last = new float[8 * 64];

        DecodeAttention.Attend(team, cache, [.. Enumerable.Range(0, 10)], [tokens], q.AsSpan(^(8 * 64)..), last);

        Assert.That(last, Is.EqualTo(whole[^(8 * 64)..]).Within(1e-6));
    }

    [Test]
    public void CopyBlocks_ThenReadTheCopies_GivesTheSameBits([Values] KvFormat format)
    {
        var shape = new AttentionShape(2, 2, 16);
        using var cache = new PagedKvCache(8, shape, format);
        RandomStream random = RandomStream.For(6, "copies");
        for (int i = 0; i < 4 * Block; i++)
            cache.Write(i / Block, i % Block, Draw.Numbers(random, 32), Draw.Numbers(random, 32));
        float[] query = Draw.Numbers(random, 32);
        float[] original = new float[32];
        float[] copy = new float[32];

        cache.CopyBlocks(team, [0, 1, 2, 3], [6, 4, 7, 5]);
        DecodeAttention.Attend(team, cache, [0, 1, 2, 3], [60], query, original);
        DecodeAttention.Attend(team, cache, [6, 4, 7, 5], [60], query, copy);

        Assert.That(copy, Is.EqualTo(original));
    }

    [Test]
    public void Attend_ContextLongerThanItsTable_SaysWhichSequence()
    {
        using var cache = new PagedKvCache(2, new AttentionShape(1, 1, 4), KvFormat.Float32);

        Assert.That(() => DecodeAttention.Attend(team, cache, [0, 1], [16, 17], new float[8], new float[8]), Throws.ArgumentException.With.Message.Contains("Sequence 1 has 17"));
        Assert.That(() => DecodeAttention.Attend(team, cache, [0, 2], [16, 16], new float[8], new float[8]), Throws.ArgumentException.With.Message.Contains("Sequence 1 names a block"));
    }

    /// <summary>What the kernel says of random sequences, and what the definition says of the numbers before compression.</summary>
    private (float[] Output, float[] Expected) Run(RandomStream random, AttentionShape shape, int[] contexts, KvFormat format, bool shuffled)
    {
        int width = (contexts.Max() + Block - 1) / Block;
        int blocks = width * contexts.Length;
        int row = shape.KvHeads * shape.HeadDim;
        int queryRow = shape.Heads * shape.HeadDim;
        int[] tables = shuffled ? Draw.Order(RandomStream.For(2, "blocks"), blocks) : [.. Enumerable.Range(0, blocks)];
        using var cache = new PagedKvCache(blocks, shape, format);
        float[] query = Draw.Numbers(random, contexts.Length * queryRow);
        float[] expected = new float[query.Length];
        for (int i = 0; i < contexts.Length; i++)
        {
            float[] k = Draw.Numbers(random, contexts[i] * row);
            float[] v = Draw.Numbers(random, contexts[i] * row);
            for (int token = 0; token < contexts[i]; token++)
                cache.Write(tables[(i * width) + (token / Block)], token % Block, k.AsSpan(token * row, row), v.AsSpan(token * row, row));
            NaiveAttention.Attend(shape, query.AsSpan(i * queryRow, queryRow), k, v, [contexts[i]], expected.AsSpan(i * queryRow, queryRow));
        }

        float[] output = new float[query.Length];
        DecodeAttention.Attend(team, cache, tables, contexts, query, output);
        return (output, expected);
    }
}
