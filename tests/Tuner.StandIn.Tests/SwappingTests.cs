using Tuner.Env.Costs;
using Tuner.Env.Simulation;
using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Swapping;
using Tuner.Kernels.Swapping.Gpu;
using Tuner.Kernels.Verification;

namespace Tuner.StandIn.Tests;

/// <summary>A CPU reference and a CUDA kernel exchanged under calls in GPU memory.</summary>
[NonParallelizable]
internal sealed class SwappingTests
{
    private static readonly ProductShape Shape = new(5, 24, 40);

    /// <summary>The emulated kernel is far slower than the processor: speed is not what these trials judge.</summary>
    private static readonly TrialOptions Quick = new()
    {
        ShadowEvery = 2,
        ShadowsToPass = 3,
        CanaryEvery = 2,
        CanariesToPass = 3,
        ProbationEvery = 2,
        ProbationsToPass = 3,
        SlowdownAllowed = 1000,
        PairsToJudge = 3,
        SlowVerdicts = 1,
    };

    private readonly StringWriter log = new();

    [SetUp]
    public void SetUp() => StandIn.Require();

    [Test]
    public void Propose_CudaKernelForTheReference_IsPromotedAndUnloadedAtTheEnd()
    {
        Trial((device, operation, call, y) =>
        {
            KernelSpec kernel = KernelCatalog.Products(KernelPrecision.Bf16)[0];
            float[] expected = call(y);

            operation.Propose(new CudaProductKernel(device, kernel), Quick);
            int calls = 0;
            for (; operation.Candidate is not null && calls < 200; calls++)
                Assert.That(call(y), Is.EqualTo(expected).Within(2).Percent, $"call {calls}");

            Assert.That(operation.Serving, Is.EqualTo(kernel.Entry));
            Assert.That(StandIn.Calls("cuLaunchKernel"), Is.GreaterThan(8));
            operation.Propose(new HostProductKernel(), Quick);
            for (calls = 0; operation.Candidate is not null && calls < 200; calls++)
                call(y);
            Assert.That(operation.Serving, Is.EqualTo("product-host"));
            call(y);
        });

        Assert.That(log.ToString(), Does.Contain("promoted").And.Contain("settled").And.Contain("gemm_bf16_mma"));
        Assert.That(StandIn.Alive(), Is.Zero, "the replaced kernel's module was unloaded");
    }

    [Test]
    public void Propose_CudaKernelThatSpoilsItsOutput_IsRolledBackUnseen()
    {
        Trial((device, operation, call, y) =>
        {
            float[] expected = call(y);

            operation.Propose(new Spoiled(new CudaProductKernel(device, KernelCatalog.Products(KernelPrecision.Bf16)[0])), Quick);
            for (int calls = 0; calls < 10; calls++)
                Assert.That(call(y), Is.EqualTo(expected), $"call {calls}");

            Assert.That((operation.Serving, operation.Candidate), Is.EqualTo(("product-host", (string?)null)));
        });

        Assert.That(log.ToString(), Does.Contain("rolledBack").And.Contain("its output left the tolerance"));
        Assert.That(StandIn.Alive(), Is.Zero);
    }

    [Test]
    public void Construct_KernelOfAnotherFormat_IsRefused()
    {
        using CudaDevice device = Devices.Open();

        Assert.Throws<ArgumentException>(() => new CudaProductKernel(device, KernelCatalog.Products(KernelPrecision.Fp8)[0]));
    }

    private void Trial(Action<CudaDevice, KernelOperation<DeviceProductCall>, Func<CudaMemory, float[]>, CudaMemory> work)
    {
        using CudaDevice device = Devices.Open();
        using var bench = new Bench(device, RandomStream.For(5, "swapping"));
        using var contract = new DeviceProductContract(device);
        var registry = new KernelRegistry(new AuditLog(log, TimeProvider.System));
        KernelOperation<DeviceProductCall> operation = registry.Register(contract, new HostProductKernel());
        using KernelWorker worker = registry.Attach();
        CudaMemory x = bench.PutBf16(bench.Numbers(Shape.Rows * Shape.Inputs)), w = bench.PutBf16(bench.Numbers(Shape.Outputs * Shape.Inputs));
        CudaMemory result = bench.Room(Shape.Rows * Shape.Outputs * sizeof(ushort));

        float[] Call(CudaMemory y)
        {
            y.Fill(0xff, bench.Stream);
            using (KernelStep step = worker.BeginStep())
                step.Run(operation, new DeviceProductCall(Shape, x, w, y, bench.Stream));
            return bench.GetBf16(y, Shape.Rows * Shape.Outputs);
        }

        work(device, operation, Call, result);
    }

    private sealed class Spoiled(CudaProductKernel inner) : IKernel<DeviceProductCall>, IDisposable
    {
        public string Name => "spoiled";

        public void Run(in DeviceProductCall call)
        {
            inner.Run(call);
            call.Y.Fill(0x3f, call.Stream);
        }

        public void Dispose() => inner.Dispose();
    }
}
