using System.Globalization;
using Tuner.Kernels.Launching;

namespace Tuner.Kernels.Tests.Launching;

internal sealed class OccupancyTests
{
    /// <summary>2238 launches answered by NVIDIA's own calculator: cuda_occupancy.h of CUDA 12.6, cudaOccMaxActiveBlocksPerMultiprocessor, opt-in shared memory.</summary>
    [Test]
    public void Of_EveryLaunchOfThePublishedCalculator_GivesItsBlocks()
    {
        string[] rows = File.ReadAllLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "Launching", "Data", "occupancy-12.6.csv"));
        Assert.That(rows, Has.Length.GreaterThan(2000));
        foreach (string row in rows.Skip(1))
        {
            string[] cells = row.Split(',');
            int[] numbers = [.. cells.Skip(1).Select(cell => int.Parse(cell, CultureInfo.InvariantCulture))];
            MultiprocessorLimits limits = MultiprocessorLimits.Of(ComputeCapability.Parse(cells[0]));

            Occupancy occupancy = Occupancy.Of(limits, new KernelResources("kernel", numbers[1], 0), numbers[0], numbers[2]);

            Assert.That(occupancy.Blocks, Is.EqualTo(numbers[3]), row);
        }
    }

    /// <summary>CUDA C++ Best Practices Guide 12.x, "Calculating Occupancy": 37 registers on 7.0, blocks of 128 and of 320 threads.</summary>
    [TestCase(128, 12, 0.75)]
    [TestCase(320, 4, 0.625)]
    public void Of_TheBestPracticesGuidesExample_GivesItsBlocksAndShare(int threads, int blocks, double share)
    {
        Occupancy occupancy = Occupancy.Of(MultiprocessorLimits.Of(new(7, 0)), new KernelResources("kernel", 37, 0), threads);

        Assert.That((occupancy.Blocks, occupancy.Share, occupancy.Limit), Is.EqualTo((blocks, share, OccupancyLimit.Registers)));
    }

    [TestCase(10, 0, 64, 32)]
    [TestCase(12, 0, 48, 24)]
    public void Of_BlackwellsBareKernel_ReachesTheGuidesWarpsAndBlocks(int major, int minor, int warps, int blocks)
    {
        MultiprocessorLimits limits = MultiprocessorLimits.Of(new(major, minor));
        var bare = new KernelResources("kernel", 16, 0);

        Assert.That(Occupancy.Of(limits, bare, 256).Warps, Is.EqualTo(warps));
        Assert.That(Occupancy.Of(limits, bare, 32).Blocks, Is.EqualTo(blocks));
    }

    [Test]
    public void Of_MoreOfAnything_NeverFitsMoreBlocks()
    {
        foreach (MultiprocessorLimits limits in MultiprocessorLimits.All)
        {
            for (int registers = 8; registers < 255; registers += 13)
            {
                for (int shared = 0; shared < 200_000; shared += 7_001)
                {
                    Occupancy less = Occupancy.Of(limits, new KernelResources("kernel", registers, 0), 128, shared);
                    Assert.That(Occupancy.Of(limits, new KernelResources("kernel", registers + 1, 0), 128, shared).Blocks, Is.LessThanOrEqualTo(less.Blocks));
                    Assert.That(Occupancy.Of(limits, new KernelResources("kernel", registers, 1024), 128, shared).Blocks, Is.LessThanOrEqualTo(less.Blocks));
                    Assert.That(less.Share, Is.InRange(0, 1));
                }
            }
        }
    }

    [TestCase(2000, 32, 0)]
    [TestCase(512, 255, 0)]
    [TestCase(128, 32, 300_000)]
    public void Of_ALaunchTheDriverRefuses_SaysSo(int threads, int registers, int shared)
        => Assert.That(
            Occupancy.Of(MultiprocessorLimits.Of(new(9, 0)), new KernelResources("kernel", registers, 0), threads, shared),
            Is.EqualTo(new Occupancy(0, 0, 0, OccupancyLimit.CannotLaunch)));

    [Test]
    public void SuggestThreads_NoLimitButWarps_IsTheLargestBlock()
        => Assert.That(Occupancy.SuggestThreads(MultiprocessorLimits.Of(new(9, 0)), new KernelResources("kernel", 32, 0)), Is.EqualTo(1024));

    [Test]
    public void SuggestThreads_AnyKernel_NoOtherBlockHoldsMoreThreads()
    {
        foreach (MultiprocessorLimits limits in MultiprocessorLimits.All)
        {
            foreach (int registers in (int[])[24, 40, 72, 96, 128, 168, 255])
            {
                var kernel = new KernelResources("kernel", registers, 0, MaxThreads: 768);
                int suggested = Occupancy.SuggestThreads(limits, kernel, threads => 16 * threads);
                int resident = Occupancy.Of(limits, kernel, suggested, 16 * suggested).Warps;
                for (int threads = 32; threads <= 768; threads += 32)
                    Assert.That(Occupancy.Of(limits, kernel, threads, 16 * threads).Warps, Is.LessThanOrEqualTo(resident), $"{limits.Capability} {registers} {threads}");
            }
        }
    }

    [TestCase(864, 1.0)]
    [TestCase(865, 865.0 / 1728)]
    [TestCase(1, 1.0 / 864)]
    public void WaveEfficiency_OneBlockTooMany_PaysForAnotherWave(long blocks, double efficiency)
        => Assert.That(Occupancy.WaveEfficiency(blocks, 8 * 108), Is.EqualTo(efficiency).Within(1e-12));

    [Test]
    public void Limits_UnknownCapability_NamesTheKnownOnes()
        => Assert.That(() => MultiprocessorLimits.Of(new(6, 1)), Throws.ArgumentException.With.Message.Contains("6.1").And.Message.Contains("9.0"));
}
