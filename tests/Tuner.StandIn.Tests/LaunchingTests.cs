using System.Runtime.InteropServices;
using System.Text.Json;
using Tuner.Cli;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Launching;
using Tuner.Kernels.Launching.Gpu;
using Tuner.Kernels.Operations;

namespace Tuner.StandIn.Tests;

/// <summary>Launches timed and chosen through the real driver calls, over times the test states. None of this is a measurement.</summary>
[NonParallelizable]
internal sealed class LaunchingTests
{
    private static readonly ProductShape Shape = new(64, 2048, 4096);

    private string folder = "";

    [SetUp]
    public void SetUp()
    {
        StandIn.Require();
        StandIn.Set("execute", 0);
        StandIn.Set("memory", 200L << 30);
        StandIn.Time(SplitsMatter);
        folder = Directory.CreateTempSubdirectory("tuner-standin-launches-").FullName;
    }

    [TearDown]
    public void TearDown()
    {
        if (folder.Length > 0)
            Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void Study_ProductOverStatedTimes_FindsTheFastestAndKeepsIt()
    {
        using CudaDevice device = Devices.Open();
        LaunchChoiceFile kept = LaunchChoiceFile.Open(Path.Combine(folder, "launches.json"), TimeProvider.System);

        LaunchStudy first = Study(device, kept);
        LaunchStudy again = Study(device, LaunchChoiceFile.Open(Path.Combine(folder, "launches.json"), TimeProvider.System));

        Assert.That(first.Best, Is.EqualTo("row_tile=64 column_tile=128 warpgroups=1 splits=6"));
        Assert.That(first.BestSeconds, Is.EqualTo(10e-6).Within(1).Percent, "the median of calls, by the events");
        Assert.That(first.ChosenShare, Is.GreaterThan(0.97));
        Assert.That(first.Timings, Is.GreaterThan(24).And.LessThan(first.ExhaustiveTimings));
        Assert.That(first.Failed, Is.Zero);
        Assert.That(first.Fixed!.Best, Is.LessThan(1), "the kernel of 256 threads is stated to be slower");
        Assert.That((again.Chosen, again.Timings), Is.EqualTo((first.Chosen, 0)), "a kept choice costs no timing");
        Assert.That(kept.Count, Is.EqualTo(1));
    }

    [Test]
    public void Occupancy_WhereTheDriverDiffers_BothAnswersAreSaid()
    {
        using CudaDevice device = Devices.Open();

        LaunchStudy study = Study(device, LaunchChoiceFile.Open(Path.Combine(folder, "launches.json"), TimeProvider.System));

        // The stand-in's driver counts threads and shared memory, not registers: 64 of them hold back the smallest tile alone.
        Assert.That(study.OccupancyCompared, Is.EqualTo(7));
        int shared = KernelCatalog.Products(Tuner.Env.Costs.KernelPrecision.Bf16)[0].SharedBytes;
        Assert.That(study.OccupancyDiffers, Is.Empty, $"tiles of {shared} bytes and more are held back by shared memory on both sides");
    }

    [Test]
    public void Time_LaunchTheDriverRefuses_IsAnAnswer()
    {
        using CudaDevice device = Devices.Open();
        using var session = new GpuSession(device, null, 0, 0, null, CancellationToken.None);
        var timer = new DriverLaunchTimer(session, new Refused(session.Stream));

        LaunchTiming timing = timer.Time(0);

        Assert.That(timing.Failure, Is.EqualTo("cuLaunchKernel failed with CUDA_ERROR_INVALID_VALUE (1)."));
        Assert.That(timing.Seconds, Is.NaN);
    }

    [Test]
    public void Study_Quantisation_ComparesTheOccupancyOfEveryBlockSize()
    {
        if (!KernelCompiler.IsThere)
            Assert.Ignore($"Other block sizes are compiled when asked for. {KernelCompiler.Describe()}");
        using CudaDevice device = Devices.Open();
        using var session = new GpuSession(device, null, 0, 0, null, CancellationToken.None);
        using var launches = new QuantiseLaunches(session, 64, 1024);

        var occupancy = new DriverOccupancy(session, launches, MultiprocessorLimits.Of(new ComputeCapability(9, 0)));

        Assert.That(occupancy.Compared, Is.EqualTo(launches.Space.Count));
        Assert.That(occupancy.Differs, Has.Some.EqualTo("quantise_activations: 4 blocks a multiprocessor worked out from 64 registers, the driver says 8"));
    }

    [Test]
    public async Task ChooseLaunches_CommandLine_PrintsTheComparisonAndKeepsChoices()
    {
        string file = Path.Combine(folder, "launches.json"), json = Path.Combine(folder, "comparison.json");
        var output = new StringWriter();
        var errors = new StringWriter();

        int code = await CommandLine.RunAsync(["calibrate", "--device", "cuda:0", "--choose-launches", file, "--json", json], output, errors, CancellationToken.None);

        Assert.That(code, Is.EqualTo(0), errors.ToString());
        Assert.That(output.ToString(), Does.Contain("chooser").And.Contain("bf16 product, 64 × 8192 × 8192: chosen").And.Contain("occupancy:"));
        using JsonDocument kept = JsonDocument.Parse(await File.ReadAllTextAsync(file)), comparison = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        Assert.That(kept.RootElement.GetProperty("choices").GetArrayLength(), Is.EqualTo(comparison.RootElement.GetProperty("studies").GetArrayLength()));
        Assert.That(StandIn.Alive(), Is.Zero, "everything was given back to the driver");
    }

    private static LaunchStudy Study(CudaDevice device, LaunchChoiceFile kept)
    {
        using var session = new GpuSession(device, null, 0, 0, null, CancellationToken.None);
        using var launches = new ProductLaunches(session, Shape);
        return LaunchStudies.Study(session, launches, 12040, kept, CancellationToken.None);
    }

    /// <summary>One tile and one number of parts are quickest; everything else is slower the further it is from them.</summary>
    private static double SplitsMatter(nint kernel, uint gridX, uint gridY, uint gridZ, nuint bytes, nint arguments)
    {
        string name = Marshal.PtrToStringUTF8(kernel)!;
        if (!name.StartsWith("gemm", StringComparison.Ordinal))
            return 1e-6;
        double tile = name.EndsWith("wgmma_64x128", StringComparison.Ordinal) ? 1 : name.Contains("wgmma", StringComparison.Ordinal) ? 1.2 : 1.5;
        return 10e-6 * tile * (1 + Math.Abs(Math.Log2(gridY / 6.0)));
    }

    private sealed class Refused(CudaStream stream) : GpuLaunches
    {
        public override string Name => "refused";

        public override IReadOnlyList<int> Sizes => [1];

        public override LaunchSpace Space { get; } = LaunchSpace.Of([new LaunchAxis("threads", [2048])], _ => true);

        internal override int Places => 1;

        public override KernelSpec Kernel(int configuration) => KernelCatalog.GatherBlocks;

        public override LaunchWork Work(int configuration, int registers) => new(2048, 1, 1, 1, 1, new KernelResources("refused", registers, 0));

        internal override void Launch(int configuration, CudaFunction function, int place)
            => function.Launch(new LaunchShape(1, (uint)Space.Value(configuration, "threads")), stream, default, default, default, default, default);
    }
}
