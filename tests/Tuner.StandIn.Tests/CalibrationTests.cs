using Tuner.Cli;
using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Calibration.Published;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Reference;

namespace Tuner.StandIn.Tests;

/// <summary>The calibrator's plumbing over the stand-in, with times from <see cref="StatedRoofline"/>. None of this is a calibration.</summary>
[NonParallelizable]
internal sealed class CalibrationTests
{
    private static readonly GpuGrid Small = new(
        [1, 16, 64, 256], [512, 1024, 2048], [512, 1024, 4096], [new AttentionShape(8, 2, 128), new AttentionShape(4, 1, 128)], [1, 4], [64, 256, 512, 1024, 2048, 4096],
        [1, 4], [64, 256, 1024, 2048, 4096, 8192], 1 << 16, [1 << 16, 1 << 20, 1 << 22], [512, 1024], [4, 8], [256, 1024]);

    private string folder = "";

    [SetUp]
    public void SetUp()
    {
        StandIn.Require();
        StandIn.Set("execute", 0);
        StandIn.Set("memory", 200L << 30);
        StandIn.Time(StatedRoofline.Of);
        folder = Directory.CreateTempSubdirectory("tuner-standin-calibrate-").FullName;
    }

    [TearDown]
    public void TearDown()
    {
        if (folder.Length > 0)
            Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void Measure_KnownTimes_FitFindsThem()
    {
        HardwareProfile profile = Calibrate(out IReadOnlyDictionary<string, GpuPoint> points);

        Assert.That(points, Has.Count.EqualTo(GpuCalibration.Points(Small) + GpuCalibration.LibraryPoints(Small)));
        Assert.That(points.Values.Select(point => point.Refused), Is.All.Null);
        EngineKernels kernels = profile.Engines[0];
        Assert.That(kernels.Gemm.Select(term => term.Precision), Is.EquivalentTo(new[] { KernelPrecision.Bf16, KernelPrecision.Fp8, KernelPrecision.NvFp4, KernelPrecision.Int4WeightOnly }));
        Assert.That(kernels.Gemm.Select(term => term.Provenance), Is.All.EqualTo(Provenance.MeasuredHere));
        Assert.That(new GemmCurve(kernels.Products(KernelPrecision.Bf16), 1024, 2048).At(64), Is.EqualTo(StatedRoofline.LibraryBf16 * (2e-6 + Math.Sqrt(Math.Pow(2.0 * 64 * 1024 * 2048 / 600e12, 2) + Math.Pow(((2.0 * 1024 * 2048) + (2 * 64 * 3072.0)) / 4e12, 2)))).Within(8).Percent);
        Assert.That(kernels.AttentionFor(AttentionPhase.Decode, 16, 128).Rate, Is.EqualTo(StatedRoofline.MemoryBytesPerSecond).Within(3).Percent);
        Assert.That(kernels.AttentionFor(AttentionPhase.Decode, 8, 128).Rate, Is.EqualTo(StatedRoofline.MemoryBytesPerSecond).Within(3).Percent);
        Assert.That(profile.HostLink.BytesPerSecond, Is.EqualTo(StatedRoofline.LinkBytesPerSecond).Within(1).Percent);
        Assert.That(profile.HostLink.CopySeconds, Is.EqualTo(StatedRoofline.CopySeconds).Within(5).Percent);
        Assert.That(kernels.Mixed!.Factor(512, 4, 4 * 256), Is.LessThan(0.8), "streams of the stand-in run side by side");
        Assert.That(HardwareFile.Parse(HardwareFile.Write(profile)).Engines[0].Gemm, Has.Count.EqualTo(4));
    }

    [Test]
    public void Measure_Interrupted_GoesOnWhereItWas()
    {
        string path = Path.Combine(folder, "points.jsonl");
        using var cancel = new CancellationTokenSource();
        var stopAfter = new Stopper(cancel, 20);
        using (CudaDevice device = Devices.Open())
        using (GpuJournal journal = GpuJournal.Open(path, device.Spec, 12040))
            Assert.Throws<OperationCanceledException>(() => GpuCalibration.Measure(device, Small, journal, stopAfter, cancel.Token));
        string[] before = File.ReadAllLines(path);
        File.AppendAllText(path, "{\"key\":\"gemm/bf16/1/512/512\",\"ker");

        Calibrate(out IReadOnlyDictionary<string, GpuPoint> points);

        string[] after = File.ReadAllLines(path);
        Assert.That(before, Has.Length.GreaterThan(10));
        Assert.That(after[..before.Length], Is.EqualTo(before), "nothing is measured again");
        Assert.That(points, Has.Count.EqualTo(GpuCalibration.Points(Small) + GpuCalibration.LibraryPoints(Small)));
        Assert.That(after, Has.Length.EqualTo(points.Count + 2), "a header, a note of the library, and the points");
    }

    [Test]
    public void Measure_QuickerThanTheHardwareCan_IsRefusedAndLeftOut()
    {
        StandIn.Time((kernel, x, y, z, bytes, arguments) => StatedRoofline.Of(kernel, x, y, z, bytes, arguments) * (System.Runtime.InteropServices.Marshal.PtrToStringUTF8(kernel) == "attention_decode_128_bf16" ? 0.1 : 1));

        using CudaDevice device = Devices.Open();
        using GpuJournal journal = GpuJournal.Open(Path.Combine(folder, "points.jsonl"), device.Spec, 12040);
        GpuCalibration.Measure(device, Small, journal);

        GpuPoint[] refused = [.. journal.Points.Values.Where(point => point.Refused is not null)];
        Assert.That(refused, Is.Not.Empty);
        Assert.That(refused.Select(point => point.Key), Is.All.StartsWith("decode/16"));
        Assert.That(refused[0].Refused, Does.Contain("peak rates"));
        Assert.That(GpuAttention.Samples(Small, journal.Points).Count(), Is.EqualTo(journal.Points.Keys.Count(key => key.StartsWith("prefill", StringComparison.Ordinal) || key.StartsWith("decode", StringComparison.Ordinal)) - refused.Length));
    }

    [Test]
    public void PeakShares_KnownTimes_AreTheirShares()
    {
        using CudaDevice device = Devices.Open();

        Dictionary<string, PeakShare> shares = PeakShares.Run(device).ToDictionary(share => share.What);

        // At so many rows and columns the stated roofline is all arithmetic; its quickest tile takes nine tenths.
        PeakShare product = shares["product Bf16 8192 × 8192 × 8192"];
        Assert.That(product.Achieved, Is.EqualTo(StatedRoofline.Bf16FlopsPerSecond / 0.9).Within(2).Percent);
        Assert.That(product.Share, Is.EqualTo(product.Achieved / GpuPeaks.Of(device.Spec).Bf16FlopsPerSecond));
        PeakShare decode = shares["decode attention, 16-bit cache, 64 × 8192 tokens"];
        Assert.That(decode.Achieved, Is.EqualTo(StatedRoofline.MemoryBytesPerSecond).Within(2).Percent);
        Assert.That(decode.Met, Is.True);
        Assert.That(shares["copy from the host"].Met, Is.False, "without NVML the link's peak is not known, and an aim is not met unseen");
    }

    [Test]
    public void Agreement_OwnTimesAsIfPublished_AreAtOne()
    {
        // With the library the profile would hold its times, and the comparison would be of two kernels.
        StandIn.Set("cublaslt", 1);
        HardwareProfile profile = Calibrate(out IReadOnlyDictionary<string, GpuPoint> points);
        using CudaDevice device = Devices.Open();

        KernelRatio[] ratios = [.. PublishedAgreement.Compare(profile.Engines[0], GpuCalibration.Read(device.Spec, 12040, new DateOnly(2026, 1, 1), Small, points))];

        Assert.That(ratios, Has.Length.GreaterThan(5));
        Assert.That(ratios.Select(ratio => ratio.Median), Is.All.EqualTo(1).Within(0.06));
    }

    [Test]
    public void Open_JournalOfAnotherGpu_IsRefusedWithBothNames()
    {
        using CudaDevice device = Devices.Open();
        string path = Path.Combine(folder, "points.jsonl");
        GpuJournal.Open(path, device.Spec with { Name = "Another" }, 12040).Dispose();

        CalibrationException refused = Assert.Throws<CalibrationException>(() => GpuJournal.Open(path, device.Spec, 12040).Dispose())!;

        Assert.That(refused.Message, Does.Contain("Another").And.Contain(device.Spec.Name).And.Contain("Delete the file"));
    }

    [Test]
    public async Task Calibrate_CommandLine_WritesAProfileThatInspectReads()
    {
        string profile = Path.Combine(folder, "standin.json");

        (int code, string output, string error) = await Run(["calibrate", "--device", "cuda:0", "--out", profile]);

        Assert.That(code, Is.EqualTo(0), error);
        Assert.That(output, Does.Contain("Stand-in, not a GPU").And.Contain("profile:").And.Contain("0 refused"));
        Assert.That(File.ReadLines(Path.ChangeExtension(profile, ".points.jsonl")).Count(), Is.EqualTo(GpuCalibration.Points(GpuGrid.Whole) + GpuCalibration.LibraryPoints(GpuGrid.Whole) + 2));
        Assert.That((await Run(["inspect", profile])).Code, Is.EqualTo(0));
        Assert.That(StandIn.Alive(), Is.Zero, "everything was given back to the driver");
    }

    [Test]
    public async Task Calibrate_Interrupted_ExitsWith130AndKeepsPoints()
    {
        string profile = Path.Combine(folder, "standin.json");
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        (int code, _, _) = await Run(["calibrate", "--device", "cuda:0", "--out", profile], cancel.Token);

        Assert.That(code, Is.EqualTo(130));
        Assert.That(File.Exists(profile), Is.False);
        Assert.That(File.Exists(Path.ChangeExtension(profile, ".points.jsonl")), Is.True);
        Assert.That(StandIn.Alive(), Is.Zero);
    }

    private HardwareProfile Calibrate(out IReadOnlyDictionary<string, GpuPoint> points)
    {
        using CudaDevice device = Devices.Open();
        using GpuJournal journal = GpuJournal.Open(Path.Combine(folder, "points.jsonl"), device.Spec, 12040);
        (double? limit, string meter, _) = GpuCalibration.Measure(device, Small, journal);
        points = journal.Points;
        return GpuProfile.Fit(GpuCalibration.Read(device.Spec, 12040, new DateOnly(2026, 1, 1), Small, journal.Points), journal.Points, device.Spec, Small, limit, meter);
    }

    private static async Task<(int Code, string Output, string Error)> Run(string[] args, CancellationToken cancellation = default)
    {
        var output = new StringWriter();
        var errors = new StringWriter();
        int code = await CommandLine.RunAsync(args, output, errors, cancellation);
        return (code, output.ToString(), errors.ToString());
    }

    private sealed class Stopper(CancellationTokenSource cancel, int after) : IProgress<CalibrationProgress>
    {
        public void Report(CalibrationProgress value)
        {
            if (value.Done == after)
                cancel.Cancel();
        }
    }
}
