namespace Tuner.Kernels.Tests.Swapping.Stress;

internal sealed class SwapStressTests
{
    [Test]
    public void ManyThreads_WhileKernelsComeAndGo_EveryOutputIsWholeAndRight()
    {
        using var stress = new SwapStress();

        SwapStressResult result = stress.Run(threads: 4, TimeSpan.FromSeconds(2), seed: 1);

        Assert.That((result.BadOutputs, result.MixedSteps, result.Exceptions), Is.EqualTo((0L, 0L, 0L)));
        Assert.That((result.Survivors, result.UsedAfterDisposal, result.NotDisposed), Is.EqualTo((0, 0L, 0)));
        Assert.That(result.Calls, Is.GreaterThan(1000));
        Assert.That(result.Swaps, Is.Positive);
        Assert.That(result.RolledBack.Values.Sum(), Is.Positive);
        foreach ((StampFault fault, long calls) in result.WorstCalls)
            Assert.That(calls, Is.LessThanOrEqualTo(result.AllowedCalls[fault]), $"{fault}");
    }
}
