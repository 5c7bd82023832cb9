using Tuner.Env.Simulation;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Tests.Reference;

internal sealed class PrefillAttentionTests
{
    private CpuTeam team = null!;

    [OneTimeSetUp]
    public void Start() => team = new CpuTeam(3);

    [OneTimeTearDown]
    public void Stop() => team.Dispose();

    [TestCase(1, 1, 8, 1), TestCase(4, 2, 40, 63), TestCase(8, 2, 64, 64), TestCase(8, 8, 33, 65), TestCase(6, 2, 128, 200), TestCase(12, 1, 16, 131)]
    public void Attend_AnyShape_AgreesWithTheDefinition(int heads, int kvHeads, int dim, int tokens)
    {
        var shape = new AttentionShape(heads, kvHeads, dim);
        RandomStream random = RandomStream.For((ulong)tokens, "prefill");
        (float[] q, float[] k, float[] v) = Inputs(random, shape, tokens);
        float[] expected = new float[q.Length];
        NaiveAttention.Attend(shape, q, k, v, [.. Enumerable.Range(1, tokens)], expected);

        Assert.That(Attend(shape, q, k, v, tokens), Is.EqualTo(expected).Within(2e-6));
    }

    [Test]
    public void Attend_LargeScores_StaysFiniteAndExact()
    {
        var shape = new AttentionShape(2, 1, 16);
        RandomStream random = RandomStream.For(1, "large");
        (float[] q, float[] k, float[] v) = Inputs(random, shape, 90);
        for (int i = 0; i < q.Length; i++)
            q[i] *= 400; // exp of such scores overflows unless the largest is taken off first
        float[] expected = new float[q.Length];
        NaiveAttention.Attend(shape, q, k, v, [.. Enumerable.Range(1, 90)], expected);

        Assert.That(Attend(shape, q, k, v, 90), Is.EqualTo(expected).Within(5e-4));
    }

    [TestCase(0), TestCase(63), TestCase(64), TestCase(100)]
    public void Attend_LaterTokenChanged_MovesNothingEarlier(int changed)
    {
        var shape = new AttentionShape(4, 2, 24);
        const int tokens = 130;
        (float[] q, float[] k, float[] v) = Inputs(RandomStream.For(9, "causal"), shape, tokens);
        float[] before = Attend(shape, q, k, v, tokens);
        int width = shape.KvHeads * shape.HeadDim;
        k.AsSpan(changed * width, width).Fill(3);
        v.AsSpan(changed * width, width).Fill(-7);

        float[] after = Attend(shape, q, k, v, tokens);

        int first = changed * shape.Heads * shape.HeadDim;
        Assert.That(after[..first], Is.EqualTo(before[..first]));
        Assert.That(after[first..], Is.Not.EqualTo(before[first..]));
    }

    [Test]
    public void Attend_EqualValues_ReturnsThem()
    {
        var shape = new AttentionShape(4, 4, 20);
        (float[] q, float[] k, float[] v) = Inputs(RandomStream.For(10, "equal"), shape, 77);
        Array.Fill(v, 0.375f);

        Assert.That(Attend(shape, q, k, v, 77), Is.All.EqualTo(0.375f).Within(1e-6));
    }

    [Test]
    public void Attend_PromptLongerThanPromised_Throws()
    {
        using var attention = new PrefillAttention(team, new AttentionShape(1, 1, 4), 8);

        Assert.That(() => attention.Attend(new float[36], new float[36], new float[36], 9, new float[36]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Shape_HeadsThatDoNotDivide_AreRefused()
        => Assert.That(() => new PrefillAttention(team, new AttentionShape(6, 4, 8), 8), Throws.ArgumentException.With.Message.Contains("6 query heads"));

    private static (float[] Q, float[] K, float[] V) Inputs(RandomStream random, AttentionShape shape, int tokens)
        => (Draw.Numbers(random, tokens * shape.Heads * shape.HeadDim), Draw.Numbers(random, tokens * shape.KvHeads * shape.HeadDim), Draw.Numbers(random, tokens * shape.KvHeads * shape.HeadDim));

    private float[] Attend(AttentionShape shape, float[] q, float[] k, float[] v, int tokens)
    {
        using var attention = new PrefillAttention(team, shape, tokens + 3);
        float[] output = new float[q.Length];
        attention.Attend(q, k, v, tokens, output);
        return output;
    }
}
