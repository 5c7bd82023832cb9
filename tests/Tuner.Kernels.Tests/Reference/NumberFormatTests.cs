using Tuner.Env.Costs;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Tests.Reference;

internal sealed class NumberFormatTests
{
    [Test]
    public void E4m3_EveryNumber_ComesBack()
    {
        for (int bits = 0; bits < 256; bits++)
        {
            if ((bits & 0x7f) != 0x7f)
                Assert.That(E4m3.Bits(E4m3.Value((byte)bits)), Is.EqualTo((byte)bits));
        }
    }

    // OCP 8-bit floating point specification, table 2.
    [TestCase(448f, 0x7e)]
    [TestCase(1000f, 0x7e)]
    [TestCase(0.015625f, 0x08)]
    [TestCase(0.001953125f, 0x01)]
    [TestCase(-0.013671875f, 0x87)]
    [TestCase(float.NaN, 0x7f)]
    [TestCase(1.0625f, 0x38)]
    [TestCase(1.1875f, 0x3a)]
    public void E4m3_Bits_AreTheSpecifications(float value, byte expected) => Assert.That(E4m3.Bits(value), Is.EqualTo(expected));

    [TestCase(1.00390625f, 1f)]
    [TestCase(1.01171875f, 1.015625f)]
    [TestCase(float.PositiveInfinity, float.PositiveInfinity)]
    public void Bf16_Round_TiesToEven(float value, float expected) => Assert.That(Bf16.Round(value), Is.EqualTo(expected));

    [TestCase(KernelPrecision.Int4WeightOnly, 128, 0.08)]
    [TestCase(KernelPrecision.NvFp4, 16, 0.1)]
    public void FourBitWeights_Values_AreNearTheWeights(KernelPrecision precision, int group, double tolerance)
    {
        float[] weights = [.. Enumerable.Range(0, 1024).Select(i => 0.05f * MathF.Sin(i * 0.7f))];

        FourBitWeights packed = FourBitWeights.From(weights, 256, precision, group);

        double error = Math.Sqrt(weights.Zip(packed.Values, (w, v) => Math.Pow(w - (v * packed.TensorScale), 2)).Sum() / weights.Sum(w => w * w));
        Assert.That(error, Is.LessThan(tolerance).And.GreaterThan(0));
    }
}
