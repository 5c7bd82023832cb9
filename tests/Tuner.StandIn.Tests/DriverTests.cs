using System.Text;
using Tuner.Kernels.Calibration.Gpu;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;

namespace Tuner.StandIn.Tests;

/// <summary>Every binding's calls as the driver sees them: arguments, order, errors, and what is given back.</summary>
[NonParallelizable]
[TestFixtureSource(nameof(Bindings))]
internal sealed class DriverTests(string bindingName)
{
    private static readonly byte[] Image = Encoding.UTF8.GetBytes(".version 8.0");

    private readonly ICudaApi binding = CudaBindings.All.Single(each => each.Binding == bindingName);

    private static IEnumerable<string> Bindings => CudaBindings.All.Select(binding => binding.Binding);

    [SetUp]
    public void SetUp() => StandIn.Require();

    [TearDown]
    public void NothingIsLeft()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Passed)
            Assert.That(StandIn.Alive(), Is.Zero, "everything was given back to the driver");
    }

    [Test]
    public void Look_OneDevice_DescribesIt()
    {
        (CudaDriver? driver, string description) = CudaDriver.Look(binding);

        Assert.That(driver!.Version, Is.EqualTo(12040));
        CudaDeviceSpec spec = driver.Devices.Single();
        Assert.That((spec.Name, spec.ComputeMajor, spec.ComputeMinor, spec.Multiprocessors, spec.L2Bytes), Is.EqualTo(("Stand-in, not a GPU", 9, 0, 132, 50 << 20)));
        Assert.That(spec.ClockHertz, Is.EqualTo(1.98e9));
        Assert.That(spec.MemoryBytesPerSecond, Is.EqualTo(2 * 3.201e9 * 768));
        Assert.That(description, Is.EqualTo("CUDA driver 12.4: Stand-in, not a GPU (compute 9.0, 4 GB)."));
    }

    [TestCase("devices", 0, "no GPU")]
    [TestCase("version", 11040, "too old: it knows CUDA 11.4, and 12.0 is the oldest supported")]
    [TestCase("init", 100, "CUDA_ERROR_NO_DEVICE")]
    public void Look_DriverThatIsOfNoUse_SaysWhy(string setting, long value, string expected)
    {
        StandIn.Set(setting, value);

        (CudaDriver? driver, string description) = CudaDriver.Look(binding);

        Assert.That(driver, Is.Null);
        Assert.That(description, Does.Contain(expected).And.EndsWith("."));
    }

    [Test]
    public void Copies_ThroughPinnedMemory_AreDoneWhenTheStreamIs()
    {
        using CudaDevice device = Devices.Open(binding);
        using CudaStream stream = device.CreateStream();
        using PinnedMemory from = device.AllocateHost(1000), to = device.AllocateHost(1000);
        using CudaMemory near = device.Allocate(1000), far = device.Allocate(1000);
        for (int i = 0; i < 1000; i++)
            from.Span<byte>()[i] = (byte)(i * 7);

        near.Write(from, stream);
        far.Write(near, stream);
        far.Read(to, stream);

        Assert.That(to.Span<byte>().SequenceEqual(from.Span<byte>()), Is.False, "nothing is done before somebody waits");
        stream.Synchronize();
        Assert.That(to.Span<byte>().SequenceEqual(from.Span<byte>()), Is.True);
    }

    [Test]
    public void Copies_LongerThanTheMemory_AreRefusedBeforeTheDriver()
    {
        using CudaDevice device = Devices.Open(binding);
        using CudaMemory memory = device.Allocate(16);

        Assert.Throws<ArgumentException>(() => memory.Write<byte>(new byte[17]));
        Assert.Throws<ArgumentException>(() => memory.Read<byte>(new byte[17]));
        Assert.Throws<ArgumentOutOfRangeException>(() => KernelArgument.Of(memory, 16));
    }

    [Test]
    public void Allocate_MoreThanThereIs_NamesTheError()
    {
        using CudaDevice device = Devices.Open(binding);

        CudaException refused = Assert.Throws<CudaException>(() => device.Allocate(5L << 30))!;

        Assert.That(refused.Status, Is.EqualTo(2));
        Assert.That(refused.Message, Is.EqualTo("cuMemAlloc_v2 failed with CUDA_ERROR_OUT_OF_MEMORY (2)."));
    }

    [Test]
    public void Load_BrokenPtx_CarriesTheCompilersLog()
    {
        using CudaDevice device = Devices.Open(binding);

        CudaException refused = Assert.Throws<CudaException>(() => device.Load("nonsense"u8))!;

        Assert.That(refused.Message, Does.Contain("cuModuleLoadDataEx").And.Contain("CUDA_ERROR_INVALID_PTX").And.Contain("Missing .version"));
    }

    [Test]
    public void Function_Unknown_NamesTheError()
    {
        using CudaDevice device = Devices.Open(binding);
        using CudaModule module = device.Load(Image);

        Assert.That(Assert.Throws<CudaException>(() => module.Function("no_such_kernel"))!.ErrorName, Is.EqualTo("CUDA_ERROR_NOT_FOUND"));
    }

    [Test]
    public void Launch_EveryKindOfArgument_ArrivesAsTheKernelReadsIt()
    {
        using CudaDevice device = Devices.Open(binding);
        using var shelf = new KernelShelf(device);
        using CudaStream stream = device.CreateStream();
        using CudaMemory source = device.Allocate(64), target = device.Allocate(64), order = device.Allocate(16);
        source.Write<byte>([.. Enumerable.Range(0, 64).Select(i => (byte)i)]);
        order.Write<int>([0, 1, 2, 3]);
        using CudaMemory reversed = device.Allocate(16);
        reversed.Write<int>([3, 2, 1, 0]);

        new LayerKernels(shelf).Gather(stream, KernelArgument.Of(source), KernelArgument.Of(target), KernelArgument.Of(order), KernelArgument.Of(reversed), 4, 16);
        stream.Synchronize();

        var result = new byte[64];
        target.Read<byte>(result);
        Assert.That(result, Is.EqualTo(Enumerable.Range(0, 64).Select(i => (byte)(((3 - (i / 16)) * 16) + (i % 16)))));
    }

    [Test]
    public void Launch_ThatFails_IsToldWhenTheStreamIsWaitedFor()
    {
        using CudaDevice device = Devices.Open(binding);
        using CudaStream stream = device.CreateStream();
        using CudaModule module = device.Load(Image);
        using CudaMemory memory = device.Allocate(64);
        CudaFunction function = module.Function("gather_blocks");
        StandIn.Set("fail_launch", 1);

        function.Launch(new LaunchShape(1, 256), stream, KernelArgument.Of(memory), KernelArgument.Of(memory), KernelArgument.Of(memory), KernelArgument.Of(memory), KernelArgument.Of(0L));

        Assert.That(Assert.Throws<CudaException>(stream.Synchronize)!.ErrorName, Is.EqualTo("CUDA_ERROR_LAUNCH_FAILED"));
        StandIn.Set("reset", 0);
    }

    [Test]
    public void Launch_ThatCannotBe_IsRefusedAtOnce()
    {
        using CudaDevice device = Devices.Open(binding);
        using CudaStream stream = device.CreateStream();
        using CudaModule module = device.Load(Image);
        CudaFunction function = module.Function("gather_blocks");
        KernelArgument[] none = [default, default, default, default, default];

        Assert.Throws<CudaException>(() => function.Launch(new LaunchShape(1, 2048), stream, none));
        Assert.Throws<CudaException>(() => function.Launch(new LaunchShape(1, 256, SharedBytes: 100_000), stream, none));
        function.AllowSharedBytes(100_000);
        Assert.That(function.BlocksPerMultiprocessor(256, 100_000), Is.EqualTo(2));
        Assert.That(function.SuggestedThreads(), Is.EqualTo(512));
        Assert.That(function.Registers, Is.EqualTo(64));
    }

    [Test]
    public void Capture_ThenReplay_DoesTheWorkOnlyWhenReplayed()
    {
        using CudaDevice device = Devices.Open(binding);
        using CudaStream stream = device.CreateStream();
        using CudaMemory memory = device.Allocate(16);
        var bytes = new byte[16];
        memory.Write<byte>(bytes);

        using CudaGraph graph = device.Capture(stream, () => memory.Fill(9, stream));
        stream.Synchronize();
        memory.Read<byte>(bytes);
        Assert.That(bytes, Is.All.EqualTo(0));

        graph.Launch(stream);
        stream.Synchronize();
        memory.Read<byte>(bytes);
        Assert.That(bytes, Is.All.EqualTo(9));
    }

    [Test]
    public void Capture_WorkThatThrows_LeavesTheStreamUsable()
    {
        using CudaDevice device = Devices.Open(binding);
        using CudaStream stream = device.CreateStream();

        Assert.Throws<InvalidOperationException>(() => device.Capture(stream, () => throw new InvalidOperationException("no")));

        stream.Synchronize();
    }

    [Test]
    public void Events_TwoStreams_WaitForEachOtherAndTellSpans()
    {
        StandIn.Time((_, _, _, _, bytes, _) => bytes * 1e-3);
        using CudaDevice device = Devices.Open(binding);
        using CudaStream first = device.CreateStream(), second = device.CreateStream();
        using CudaEvent begun = device.CreateEvent(), between = device.CreateEvent(), end = device.CreateEvent();
        using CudaMemory memory = device.Allocate(4);

        begun.Record(first);
        memory.Fill(1, first);
        between.Record(first);
        second.WaitFor(between);
        memory.Fill(2, second);
        end.Record(second);

        Assert.That(end.SecondsSince(begun), Is.EqualTo(8e-3).Within(1e-6));
        Assert.That(between.SecondsSince(begun), Is.EqualTo(4e-3).Within(1e-6));
    }

    [Test]
    public void Dispose_InAnyOrder_GivesEverythingBackOnce()
    {
        CudaDevice device = Devices.Open(binding);
        CudaMemory memory = device.Allocate(10);
        CudaStream stream = device.CreateStream();
        long releases = StandIn.Calls("cuDevicePrimaryCtxRelease_v2");

        device.Dispose();
        Assert.That(StandIn.Calls("cuDevicePrimaryCtxRelease_v2"), Is.EqualTo(releases), "what was made of it still needs it");
        Assert.Throws<ObjectDisposedException>(() => device.Allocate(1));
        memory.Dispose();
        memory.Dispose();
        stream.Dispose();

        Assert.That(StandIn.Calls("cuDevicePrimaryCtxRelease_v2"), Is.EqualTo(releases + 1));
        Assert.Throws<ObjectDisposedException>(() => memory.Write<byte>(new byte[1]));
    }

    [Test]
    public void Image_KernelOfAnotherGpu_IsRefusedPolitely()
    {
        StandIn.Set("major", 8);
        using CudaDevice device = Devices.Open(binding);
        using var shelf = new KernelShelf(device);
        KernelSpec hopper = KernelCatalog.All.First(kernel => kernel.Target.Exact);

        KernelException refused = Assert.Throws<KernelException>(() => _ = shelf[hopper])!;

        Assert.That(refused.Message, Is.EqualTo($"{hopper.Entry} needs compute capability 9.0 and no other; Stand-in, not a GPU has 8.0."));
    }

    [Test]
    public void Peaks_Hopper_AreItsUnitsTimesItsClock()
    {
        using CudaDevice device = Devices.Open(binding);

        GpuPeaks peaks = GpuPeaks.Of(device.Spec);

        // H100's white paper: 989 TFLOPS at 1.83 GHz.
        Assert.That(peaks.Bf16FlopsPerSecond * 1.83 / 1.98, Is.EqualTo(989.4e12).Within(0.2).Percent);
        Assert.That(peaks.Fp8FlopsPerSecond, Is.EqualTo(2 * peaks.Bf16FlopsPerSecond));
    }
}
