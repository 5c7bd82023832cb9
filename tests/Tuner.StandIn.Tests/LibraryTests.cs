using Tuner.Env.Costs;
using Tuner.Env.Simulation;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Libraries;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Reference;
using Tuner.Kernels.Verification;

namespace Tuner.StandIn.Tests;

/// <summary>cuBLASLt's calls as the library sees them, over a stand-in that multiplies plainly. None of this is a measurement.</summary>
[NonParallelizable]
internal sealed class LibraryTests
{
    private static readonly GpuGrid Small = new(
        [1, 16, 64, 256], [512, 1024, 2048], [512, 1024, 4096], [new AttentionShape(8, 2, 128)], [1, 4], [64, 256, 512, 1024, 2048, 4096],
        [1, 4], [64, 256, 1024, 2048, 4096, 8192], 1 << 16, [1 << 16, 1 << 20], [512], [4], [256]);

    [SetUp]
    public void SetUp() => StandIn.Require();

    [TearDown]
    public void NothingIsLeft()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Passed)
            Assert.That((StandIn.Alive(), StandIn.LibraryAlive()), Is.EqualTo((0L, 0L)), "everything was given back");
    }

    [TestCase(KernelPrecision.Bf16), TestCase(KernelPrecision.Fp8)]
    public void Product_RandomShapes_AgreesWithItsReference(KernelPrecision precision)
    {
        using CudaDevice device = Devices.Open();
        using var bench = new Bench(device, RandomStream.For(3, "library"));
        Assert.That(CublasLt.Open(device, out CublasLt? library), Is.EqualTo("cuBLASLt 12.4.5."));
        using (library)
        {
            for (int i = 0; i < 4; i++)
            {
                CheckOutcome outcome = new ProductChecks(bench, VerificationScale.Host).Check(library!, precision);
                Assert.That(outcome.Passed, Is.True, outcome.ToString());
                bench.Clear();
            }
        }
    }

    [Test]
    public void Plan_ShapeTheLibraryHasNoAlgorithmFor_IsNull()
    {
        using CudaDevice device = Devices.Open();
        CublasLt.Open(device, out CublasLt? library);
        using (library)
            Assert.That(library!.Plan(new ProductShape(4, 24, 40), KernelPrecision.Fp8), Is.Null);
    }

    [Test]
    public void Open_LibraryThatDoesNotStart_SaysSo()
    {
        StandIn.Set("cublaslt", 1);
        using CudaDevice device = Devices.Open();

        string found = CublasLt.Open(device, out CublasLt? library);

        Assert.That(library, Is.Null);
        Assert.That(found, Is.EqualTo("A cuBLASLt is there, but of no use: cublasLtCreate failed with CUBLAS_STATUS_NOT_INITIALIZED (1); its products are not timed."));
    }

    [Test]
    public void Measure_BothSeries_ProfileTakesTheFasterOfEachPrecisionAndSaysWhich()
    {
        HardwareProfile profile = Calibrate(out KernelMeasurements measured, out _);

        Assert.That(measured.LibraryGemm, Has.Count.EqualTo(GpuCalibration.LibraryPoints(Small)));
        Assert.That(measured.Gemm, Has.Count.EqualTo(4 * Small.Rows.Count * Small.Outputs.Count * Small.Inputs.Count), "the two series stay apart");
        Assert.That(profile.Engines[0].Products(KernelPrecision.Bf16).Source, Does.StartWith("kernel: cuBLASLt 12.4.5, ").And.Contain("times as fast as Tuner's own"));
        Assert.That(profile.Engines[0].Products(KernelPrecision.Fp8).Source, Does.StartWith("kernel: Tuner's own; cuBLASLt 12.4.5 is 0."));
        Assert.That(profile.Engines[0].Products(KernelPrecision.NvFp4).Source, Does.Not.Contain("cuBLASLt"));
    }

    [Test]
    public void Measure_WithoutTheLibrary_SaysSoInProfileAndJournal()
    {
        StandIn.Set("cublaslt", 1);

        HardwareProfile profile = Calibrate(out KernelMeasurements measured, out IReadOnlyCollection<string> notes);

        Assert.That(measured.LibraryGemm, Is.Empty);
        Assert.That(notes.Single(), Does.Contain("its products are not timed"));
        Assert.That(profile.Sources, Has.Some.Contains("cuBLASLt, which engines call, was not at hand"));
    }

    [Test]
    public void PeakShares_WithTheLibrary_ListItBesideTheKernels()
    {
        Pretend();
        using CudaDevice device = Devices.Open();

        PeakShare share = PeakShares.Run(device).Single(each => each.What == "product Bf16 8192 × 8192 × 8192, library");

        Assert.That(share.Kernel, Is.EqualTo("cuBLASLt 12.4.5"));
        Assert.That(share.Achieved, Is.EqualTo(StatedRoofline.Bf16FlopsPerSecond / StatedRoofline.LibraryBf16).Within(2).Percent);
    }

    private static HardwareProfile Calibrate(out KernelMeasurements measured, out IReadOnlyCollection<string> notes)
    {
        Pretend();
        string path = Path.GetTempFileName();
        try
        {
            using CudaDevice device = Devices.Open();
            using GpuJournal journal = GpuJournal.Open(path, device.Spec, 12040);
            (double? limit, string meter, _) = GpuCalibration.Measure(device, Small, journal);
            notes = journal.Notes;
            measured = GpuCalibration.Read(device.Spec, 12040, new DateOnly(2026, 1, 1), Small, journal.Points);
            return GpuProfile.Fit(measured, journal.Points, device.Spec, Small, limit, meter);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Pretend()
    {
        StandIn.Set("execute", 0);
        StandIn.Set("memory", 200L << 30);
        StandIn.Time(StatedRoofline.Of);
    }
}
