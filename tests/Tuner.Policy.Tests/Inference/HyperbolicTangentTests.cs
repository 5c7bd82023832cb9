using Tuner.Policy.Inference;

namespace Tuner.Policy.Tests.Inference;

public sealed class HyperbolicTangentTests
{
    [Test]
    public void Apply_AllSizes_IsWithinThreeRoundings()
    {
        float[] values = [.. Enumerable.Range(-40_000, 80_001).Select(i => i * 3e-4f), 1e-20f, -1e-6f, 1e-3f, 50, -1e30f, float.PositiveInfinity, float.NegativeInfinity];
        float[] results = [.. values];

        HyperbolicTangent.Apply(results);

        double worst = values.Zip(results).Max(pair => Math.Abs(pair.Second - Math.Tanh(pair.First)) / Math.Max(1e-30, Math.Abs(Math.Tanh(pair.First))));
        Assert.That(worst, Is.LessThan(3 * Math.Pow(2, -23)));
        Assert.That(results, Is.All.InRange(-1f, 1f));
    }

    [Test]
    public void Apply_LengthsThatFillNoVector_GiveTheBitsOfWholeVectors()
    {
        float[] values = [.. Enumerable.Range(0, 37).Select(i => (i - 18) * 0.37f)];
        float[] together = [.. values];
        HyperbolicTangent.Apply(together);

        for (int i = 0; i < values.Length; i++)
        {
            float[] alone = [values[i]];
            HyperbolicTangent.Apply(alone);
            Assert.That(BitConverter.SingleToInt32Bits(alone[0]), Is.EqualTo(BitConverter.SingleToInt32Bits(together[i])));
        }
    }

    [Test]
    public void Apply_NaN_StaysNaN()
    {
        float[] values = [0.5f, float.NaN, -0.5f];
        HyperbolicTangent.Apply(values);
        Assert.That(values[1], Is.NaN);
        Assert.That(values[0], Is.EqualTo(-values[2]));
    }
}
