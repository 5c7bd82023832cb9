using Tuner.Env.Simulation;
using Tuner.Kernels.Launching;
using Tuner.Kernels.Launching.Cpu;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Tests.Reference;

internal sealed class TunableProductTests
{
    [Test]
    public void Multiply_AnyBlocking_GivesTheBitsOfTheFixedOne([Values] WeightFormat format)
    {
        RandomStream random = RandomStream.For(1, $"blocking {format}");
        using var team = new CpuTeam(2);
        (int rows, int inputs, int outputs) = (37, 300, 170);
        float[] x = Draw.Numbers(random, rows * inputs);
        using var weights = PackedWeights.From(Draw.Numbers(random, inputs * outputs), inputs, outputs, format);
        float[] expected = new float[rows * outputs];
        Gemm.Multiply(team, x, rows, weights, expected);
        foreach (int depth in (int[])[32, 128, 512])
        {
            foreach (int rowBlock in (int[])[1, 4, 16, 64])
            {
                foreach (int run in (int[])[1, 3, 100])
                {
                    float[] y = new float[expected.Length];

                    new TunableProduct(depth, rowBlock, run).Multiply(team, x, rows, weights, y);

                    Assert.That(y, Is.EqualTo(expected), $"{depth} {rowBlock} {run}");
                }
            }
        }
    }

    [Test]
    public void Timer_OnThisProcessor_ChoosesABlockingThatRuns()
    {
        RandomStream random = RandomStream.For(2, "timer");
        using var weights = PackedWeights.From(Draw.Numbers(random, 128 * 128), 128, 128, WeightFormat.Float32);
        using var timer = new ProductTimer(8, weights, Draw.Numbers(random, 8 * 128), 2);

        LaunchChoice choice = LaunchChooser.Choose(timer.Space, timer, timer.Prior)!;

        Assert.That(choice.Failed, Is.Zero);
        Assert.That(choice.Low, Is.LessThanOrEqualTo(choice.Seconds).And.Positive);
        Assert.That(choice.High, Is.GreaterThanOrEqualTo(choice.Seconds));
    }
}
