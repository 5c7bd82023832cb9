using System.Numerics;
using Tuner.Env.Simulation;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Tests.Reference;

internal sealed class SmallKernelTests
{
    [TestCase(1), TestCase(31), TestCase(32), TestCase(129)]
    public void Compress_ThenDecompress_IsWithinHalfAScale(int width)
    {
        float[] row = Draw.Numbers(RandomStream.For((ulong)width, "compress"), width);
        row[width / 2] = 5;
        sbyte[] quantised = new sbyte[width];
        float[] back = new float[width];

        float scale = KvCompression.Compress(row, quantised);
        KvCompression.Decompress(quantised, scale, back);

        Assert.That(scale, Is.EqualTo(5f / 127).Within(1e-7));
        Assert.That(quantised[width / 2], Is.EqualTo(127));
        Assert.That(back, Is.EqualTo(row).Within((0.5 * scale) + 1e-6));
    }

    [Test]
    public void Compress_Zeros_ComeBackAsZeros()
    {
        sbyte[] quantised = new sbyte[40];

        Assert.That(KvCompression.Compress(new float[40], quantised), Is.EqualTo(1));
        Assert.That(quantised, Is.All.Zero);
    }

    [TestCase(1), TestCase(7), TestCase(64), TestCase(101)]
    public void RmsNorm_AnyWidth_AgreesWithTheDefinition(int width)
    {
        RandomStream random = RandomStream.For((ulong)width, "norm");
        float[] x = Draw.Numbers(random, 3 * width);
        float[] gain = Draw.Numbers(random, width);
        float[] expected = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double square = x.Skip(i / width * width).Take(width).Average(value => (double)value * value);
            expected[i] = (float)(x[i] / Math.Sqrt(square + RmsNorm.Epsilon) * gain[i % width]);
        }

        float[] y = new float[x.Length];
        RmsNorm.Apply(x, gain, y);

        Assert.That(y, Is.EqualTo(expected).Within(2e-6));
    }

    [Test]
    public void Exponential_OverItsRange_AgreesWithDoublePrecision()
    {
        for (double x = -87; x <= 88; x += 0.0137)
            Assert.That(Exponential.Of(new Vector<float>((float)x))[0], Is.EqualTo(Math.Exp((float)x)).Within(3e-5).Percent, $"{x}");
        Assert.That(Exponential.Of(Vector<float>.Zero)[0], Is.EqualTo(1f));
        Assert.That(Exponential.Of(new Vector<float>(OnlineSoftmax.Masked))[0], Is.Zero);
    }

    [TestCase(0), TestCase(1), TestCase(1_000_003)]
    public void Copy_AnyLength_CopiesEveryByte(int length)
    {
        using var team = new CpuTeam(2);
        byte[] source = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];
        byte[] target = new byte[length];

        BlockCopy.Copy(team, source, target);

        Assert.That(target.AsSpan().SequenceEqual(source));
    }

    [Test]
    public void Team_ManyShortCalls_DoesEveryItemOnce()
    {
        using var team = new CpuTeam(4);
        byte[] target = new byte[3 << 18];
        for (byte call = 1; call < 250; call++)
        {
            byte[] source = [.. Enumerable.Repeat(call, target.Length)];
            BlockCopy.Copy(team, source, target);
            Assert.That(target.AsSpan().IndexOfAnyExcept(call), Is.EqualTo(-1));
        }
    }
}
