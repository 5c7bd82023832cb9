using Tuner.Env.Simulation;
using Tuner.Kernels.Launching;

namespace Tuner.Kernels.Tests.Launching;

/// <summary>Reads Data/probe.cu as NVRTC 12.4 compiled it; expected registers, shared memory and stack are the compiler's own report (--ptxas-options=-v).</summary>
internal sealed class CubinTests
{
    private static byte[] File(string target)
        => System.IO.File.ReadAllBytes(Path.Combine(TestContext.CurrentContext.TestDirectory, "Launching", "Data", $"probe.{target}.cubin"));

    [TestCase("sm_80", 8, 0)]
    [TestCase("sm_90", 9, 0)]
    public void Read_ARealCubin_TellsWhatTheCompilerSaid(string target, int major, int minor)
    {
        Cubin cubin = Cubin.Read(File(target));

        Assert.That(cubin.Capability, Is.EqualTo(new ComputeCapability(major, minor)));
        Assert.That(cubin.Kernels, Is.EquivalentTo(new[]
        {
            new KernelResources("tile_sum", 10, 1024, 256, 0, 1),
            new KernelResources("scale", 10, 0),
            new KernelResources("outer", 96, 0),
        }));
    }

    [Test]
    public void Read_ThenOccupancy_RegistersLimitTheHeavyKernel()
    {
        KernelResources outer = Cubin.Read(File("sm_90")).Kernel("outer");

        Occupancy occupancy = Occupancy.Of(MultiprocessorLimits.Of(new(9, 0)), outer, 256);

        // 96 registers: 3072 a warp, five warps in each of four partitions, two blocks of eight.
        Assert.That(occupancy, Is.EqualTo(new Occupancy(2, 16, 0.25, OccupancyLimit.Registers)));
    }

    [Test]
    public void Kernel_UnknownName_NamesThoseThereAre()
        => Assert.That(() => Cubin.Read(File("sm_90")).Kernel("missing"), Throws.ArgumentException.With.Message.Contains("tile_sum"));

    [Test]
    public void Read_CutShort_SaysSoAndNeverFailsOtherwise()
    {
        byte[] whole = File("sm_90");
        for (int length = 0; length < whole.Length - 1500; length += 97)
            Assert.That(() => Cubin.Read(whole.AsSpan(0, length)), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("No "), $"{length} bytes");
    }

    [Test]
    public void Read_DamagedBytes_NeverFailsOtherwiseThanBySayingSo()
    {
        byte[] whole = File("sm_90");
        RandomStream random = RandomStream.For(1, "damage");
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] damaged = [.. whole];
            for (int i = 0; i < 4; i++)
                damaged[random.NextInt(whole.Length)] = (byte)random.NextInt(256);
            try
            {
                Cubin.Read(damaged);
            }
            catch (InvalidDataException)
            {
                // A sentence is all a damaged file may cause.
            }
        }
    }
}
