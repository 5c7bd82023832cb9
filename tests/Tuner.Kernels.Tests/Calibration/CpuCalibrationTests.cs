using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Kernels.Calibration;
using Tuner.Kernels.Calibration.Samples;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Tests.Calibration;

internal sealed class CpuCalibrationTests
{
    private static readonly CpuGrid Tiny = new([1, 5], [(64, 96), (96, 64)], [new AttentionShape(4, 2, 32)], [8, 64], [1, 2], [16, 40], [1 << 12, 1 << 16], 128);

    // A small cache keeps the working set, and with it the test, small.
    private static readonly MachineSpec Machine = MachineSpec.Read() with { Cores = 2, CacheBytes = 1 << 18 };
    private static readonly DateOnly Day = new(2026, 1, 2);

    [Test]
    public void Run_TinyGrid_MeasuresEveryPointOnce()
    {
        var steps = new Steps();

        KernelMeasurements measured = CpuCalibration.Run(Tiny, Machine, TimeSpan.FromSeconds(0.5), Day, steps);

        Assert.That(measured.Gemm, Has.Count.EqualTo(3 * 2 * 2));
        Assert.That(measured.Gemm.Select(s => (s.Precision, s.Rows, s.Inputs, s.Outputs)), Is.Unique);
        Assert.That(measured.Attention, Has.Count.EqualTo(2 + (2 * 2 * 2)));
        Assert.That(measured.Copies, Has.Count.EqualTo(2));
        Assert.That(measured.Gemm.Select(s => s.Seconds).Concat(measured.Attention.Select(s => s.Seconds)), Is.All.GreaterThan(0).And.All.LessThan(1));
        Assert.That(measured.Gemm.Select(s => s.Spread), Is.All.Not.Null);
        Assert.That(measured.Source, Does.Contain(Machine.Processor).And.Contain("2026-01-02"));
        Assert.That(steps.Seen.Select(step => step.Done), Is.EqualTo(Enumerable.Range(0, steps.Seen[0].Total)));
    }

    [Test]
    public void Run_CancelledAtTheThirdPoint_StopsThere()
    {
        using var source = new CancellationTokenSource();
        var steps = new Steps { Each = step => { if (step.Done == 2) source.Cancel(); } };

        Assert.That(() => CpuCalibration.Run(Tiny, Machine, TimeSpan.FromSeconds(0.1), Day, steps, source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(steps.Seen, Has.Count.EqualTo(3));
    }

    [Test]
    public void Fit_RealMeasurements_IsAProfileTheSimulatorReads()
    {
        KernelMeasurements measured = CpuCalibration.Run(Tiny, Machine, TimeSpan.FromSeconds(0.5), Day);

        HardwareProfile profile = HardwareFile.Parse(HardwareFile.Write(CpuProfile.Fit(measured, Machine)));

        Assert.That(profile.Name, Is.EqualTo("cpu"));
        Assert.That(profile.Engines[0].Collectives, Is.Empty);
        Assert.That(profile.Sources, Has.Some.Contains("all-reduce: none"));
        IEngineCost engine = new MeasuredCostModel(profile).For(new EngineSpec(new ModelSpec("m", 2, 64, 128, 4, 2, 32, 100, 0, 0, true), 1, 1, default, false, null, 0));
        Assert.That(engine.Step(new BatchShape(0, 0, 0, 0, 0, 4, 400)).StageSeconds, Is.GreaterThan(0).And.LessThan(10));
    }

    [Test]
    public void Load_AfterSave_GivesBackEveryPoint()
    {
        string path = Path.Combine(Path.GetTempPath(), $"tuner-{Guid.NewGuid():N}.json");
        KernelMeasurements measured = Invented(1e11, 2e10, 1e-5);
        try
        {
            new MeasurementFile(MeasurementFile.CurrentFormat, Day, Machine, measured).Save(path);
            MeasurementFile back = MeasurementFile.Load(path);

            Assert.That(back.Machine, Is.EqualTo(Machine));
            Assert.That(back.Date, Is.EqualTo(Day));
            Assert.That(back.Measurements.Gemm, Is.EqualTo(measured.Gemm));
            Assert.That(back.Measurements.Attention, Is.EqualTo(measured.Attention));
            Assert.That(back.Measurements.Copies, Is.EqualTo(measured.Copies));

            File.WriteAllText(path, File.ReadAllText(path).Replace("\"format\": 1", "\"format\": 7", StringComparison.Ordinal));
            Assert.That(() => MeasurementFile.Load(path), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("format 7"));
            File.WriteAllText(path, "{}");
            Assert.That(() => MeasurementFile.Load(path), Throws.InstanceOf<InvalidDataException>());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCase(1e11, 2e10, 1e-5), TestCase(3e12, 1e11, 4e-6)]
    public void Fit_TimesMadeByTheFormula_FindsItsParameters(double flops, double bytes, double overhead)
    {
        HardwareProfile profile = CpuProfile.Fit(Invented(flops, bytes, overhead), Machine);

        EngineKernels kernels = profile.Engines[0];
        foreach (GemmFit fit in kernels.Gemm.Select(term => term.Roofline))
        {
            Assert.That(fit.FlopsPerSecond, Is.EqualTo(flops).Within(1).Percent);
            Assert.That(fit.BytesPerSecond, Is.EqualTo(bytes).Within(1).Percent);
            Assert.That(fit.OverheadSeconds, Is.EqualTo(overhead).Within(2).Percent);
        }

        AttentionTerm prefill = kernels.AttentionFor(AttentionPhase.Prefill, 16, 64);
        Assert.That(prefill.Rate, Is.EqualTo(flops).Within(0.1).Percent);
        Assert.That(prefill.FloorSeconds, Is.EqualTo(overhead).Within(0.1).Percent);
        Assert.That(kernels.AttentionFor(AttentionPhase.Decode, 8, 64).Rate, Is.EqualTo(bytes).Within(0.1).Percent);

        // The 32-bit cache stands for a 16-bit one: half its bytes are counted, in the same time.
        Assert.That(kernels.AttentionFor(AttentionPhase.Decode, 16, 64).Rate, Is.EqualTo(bytes / 2).Within(0.1).Percent);
        Assert.That(profile.PeerBytesPerSecond, Is.EqualTo(bytes).Within(0.1).Percent);
    }

    [Test]
    public void Fit_WithoutPower_SaysThatItWasNotMeasured()
    {
        HardwareProfile profile = CpuProfile.Fit(Invented(1e11, 2e10, 1e-5), Machine);

        Assert.That(profile.Power.LimitWatts, Is.Zero);
        Assert.That(profile.Sources, Has.Some.Contains("power: not measured"));
    }

    [Test]
    public void Fit_NothingMeasured_SaysWhatIsMissing()
        => Assert.That(() => CpuProfile.Fit(new KernelMeasurements { Device = "cpu", Engine = "e", Source = "s" }, Machine), Throws.ArgumentException.With.Message.Contains("copies"));

    private static KernelMeasurements Invented(double flops, double bytes, double overhead)
    {
        double Product(int m, int k, int n, double perWeight)
            => overhead + double.Hypot(2.0 * m * k * n / flops, (((double)k * n * perWeight) + (2.0 * m * (k + n))) / bytes);
        IEnumerable<GemmSample> Products(KernelPrecision precision, double perWeight)
            => from m in new[] { 1, 8, 64, 512 }
               from shape in new[] { (K: 512, N: 256), (K: 1024, N: 4096), (K: 4096, N: 4096) }
               select new GemmSample(precision, m, shape.N, shape.K, Product(m, shape.K, shape.N, perWeight), Spread: 0.01);
        AttentionSample Decode(int context, int bits)
            => new(AttentionPhase.Decode, 2, context, 8, 2, 64, 0, bits, overhead + (2.0 * 2 * context * 2 * 64 * bits / 8 / bytes));
        return new KernelMeasurements
        {
            Device = "cpu",
            Engine = "invented",
            Source = "a formula",
            Gemm = [.. Products(KernelPrecision.Float32, 4), .. Products(KernelPrecision.Int8WeightOnly, 1), .. Products(KernelPrecision.Int4WeightOnly, 0.625)],
            Attention =
            [
                .. new[] { 64, 512, 2048 }.Select(n => new AttentionSample(AttentionPhase.Prefill, 1, n, 8, 2, 64, 0, 32, overhead + (2.0 * 8 * 64 * n * (n + 1.0) / flops))),
                .. new[] { 128, 1024, 8192 }.SelectMany(n => new[] { Decode(n, 32), Decode(n, 8) }),
            ],
            Copies = [.. new[] { 1L << 12, 1L << 20, 1L << 26 }.Select(size => new CopySample(CopyPath.DeviceToDevice, size, overhead + (size / bytes)))],
            Norms = [new NormSample(1, 4096, 1e-6)],
        };
    }

    private sealed class Steps : IProgress<CalibrationProgress>
    {
        public List<CalibrationProgress> Seen { get; } = [];

        public Action<CalibrationProgress>? Each { get; init; }

        public void Report(CalibrationProgress value)
        {
            Seen.Add(value);
            Each?.Invoke(value);
        }
    }
}
