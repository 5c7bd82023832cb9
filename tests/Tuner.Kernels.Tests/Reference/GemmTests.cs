using Tuner.Env.Simulation;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Tests.Reference;

internal sealed class GemmTests
{
    private CpuTeam team = null!;

    [OneTimeSetUp]
    public void Start() => team = new CpuTeam(3);

    [OneTimeTearDown]
    public void Stop() => team.Dispose();

    [Test]
    public void Multiply_RandomShapes_AgreesWithTheDefinition([Values] WeightFormat format)
    {
        RandomStream random = RandomStream.For(1, $"gemm {format}");
        for (int trial = 0; trial < 60; trial++)
        {
            int rows = 1 + random.NextInt(trial % 10 == 0 ? 300 : 9);
            int inputs = 1 + random.NextInt(300);
            int outputs = 1 + random.NextInt(90);
            float[] x = Draw.Numbers(random, rows * inputs);
            using var packed = PackedWeights.From(Draw.Numbers(random, inputs * outputs), inputs, outputs, format);
            float[] meant = new float[inputs * outputs];
            packed.Unpack(meant);
            float[] expected = new float[rows * outputs];
            NaiveGemm.Multiply(x, meant, rows, inputs, outputs, expected);

            float[] y = new float[rows * outputs];
            Gemm.Multiply(team, x, rows, packed, y);

            // Numbers in [−1, 1]: rounding errors of a float sum grow like its length at worst, and like its root in practice.
            double tolerance = 1e-6 * Math.Sqrt(inputs) + 1e-6;
            Assert.That(y, Is.EqualTo(expected).Within(tolerance), $"{rows}×{inputs}×{outputs}");
        }
    }

    [Test]
    public void Multiply_IdentityWeights_ReturnsTheInput()
    {
        const int size = 131;
        float[] identity = new float[size * size];
        for (int i = 0; i < size; i++)
            identity[i * (size + 1)] = 1;
        float[] x = Draw.Numbers(RandomStream.For(2, "identity"), 5 * size);
        using var packed = PackedWeights.From(identity, size, size, WeightFormat.Float32);

        float[] y = new float[x.Length];
        Gemm.Multiply(team, x, 5, packed, y);

        Assert.That(y, Is.EqualTo(x));
    }

    [Test]
    public void Multiply_OneHotInput_PicksARowOfTheWeights([Values] WeightFormat format)
    {
        const int inputs = 77;
        const int outputs = 45;
        float[] weights = Draw.Numbers(RandomStream.For(3, "one-hot"), inputs * outputs);
        using var packed = PackedWeights.From(weights, inputs, outputs, format);
        float[] meant = new float[weights.Length];
        packed.Unpack(meant);
        float[] y = new float[outputs];
        for (int row = 0; row < inputs; row++)
        {
            float[] x = new float[inputs];
            x[row] = 1;

            Gemm.Multiply(team, x, 1, packed, y);

            Assert.That(y, Is.EqualTo(meant[(row * outputs)..((row + 1) * outputs)]));
        }
    }

    [TestCase(WeightFormat.Float32, 0)]
    [TestCase(WeightFormat.Int8, 127)]
    [TestCase(WeightFormat.Int4, 7)]
    public void Unpack_EveryWeight_IsWithinHalfAStep(WeightFormat format, int largest)
    {
        const int inputs = 101;
        const int outputs = 67;
        float[] weights = Draw.Numbers(RandomStream.For(4, "steps"), inputs * outputs);
        using var packed = PackedWeights.From(weights, inputs, outputs, format);
        float[] meant = new float[weights.Length];
        packed.Unpack(meant);

        int group = format == WeightFormat.Int4 ? PackedWeights.Group : inputs;
        for (int column = 0; column < outputs; column++)
        {
            for (int start = 0; start < inputs; start += group)
            {
                int[] rows = [.. Enumerable.Range(start, Math.Min(group, inputs - start))];
                double step = largest == 0 ? 0 : rows.Max(row => Math.Abs(weights[(row * outputs) + column])) / largest;
                double worst = rows.Max(row => Math.Abs((double)meant[(row * outputs) + column] - weights[(row * outputs) + column]));
                Assert.That(worst, Is.LessThanOrEqualTo((0.5 * step) + 1e-7));
            }
        }
    }

    [TestCase(WeightFormat.Float32, 4.0)]
    [TestCase(WeightFormat.Int8, 1.0)]
    [TestCase(WeightFormat.Int4, 0.625)]
    public void Bytes_OfALargeMatrix_AreWhatTheFormatPromises(WeightFormat format, double bytesPerWeight)
    {
        using var packed = PackedWeights.From(new float[4096 * 64], 4096, 64, format);

        Assert.That(packed.Bytes / (4096.0 * 64), Is.EqualTo(bytesPerWeight).Within(0.2).Percent);
    }

    [Test]
    public void Multiply_AsManyThreadsAsYouLike_GivesTheSameBits()
    {
        float[] x = Draw.Numbers(RandomStream.For(5, "threads"), 300 * 200);
        using var packed = PackedWeights.From(Draw.Numbers(RandomStream.For(5, "weights"), 200 * 130), 200, 130, WeightFormat.Int4);
        using var one = new CpuTeam(1);
        float[] alone = new float[300 * 130];
        float[] together = new float[300 * 130];

        Gemm.Multiply(one, x, 300, packed, alone);
        Gemm.Multiply(team, x, 300, packed, together);

        Assert.That(together, Is.EqualTo(alone));
    }

    [Test]
    public void Multiply_WarmedUp_AllocatesNothing()
    {
        float[] x = Draw.Numbers(RandomStream.For(6, "x"), 4 * 128);
        float[] y = new float[4 * 256];
        using var packed = PackedWeights.From(Draw.Numbers(RandomStream.For(6, "w"), 128 * 256), 128, 256, WeightFormat.Int8);
        Gemm.Multiply(team, x, 4, packed, y);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Gemm.Multiply(team, x, 4, packed, y);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Multiply_SpanOfAnotherSize_NamesItAndTheSizeExpected()
    {
        using var packed = PackedWeights.From(new float[6], 2, 3, WeightFormat.Float32);

        Assert.That(() => Gemm.Multiply(team, new float[5], 2, packed, new float[6]), Throws.ArgumentException.With.Message.Contains("5 elements").And.Message.Contains("4"));
    }
}
