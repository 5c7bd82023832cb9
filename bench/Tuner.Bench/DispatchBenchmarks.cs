using BenchmarkDotNet.Attributes;
using Tuner.Kernels.Swapping;
using Tuner.Kernels.Tests.Swapping.Stress;

namespace Tuner.Bench;

/// <summary>What going through the registry costs a call, beside calling the kernel's interface. The kernel writes one number.</summary>
[MemoryDiagnoser]
public unsafe class DispatchBenchmarks
{
    private const int CallsOfAStep = 64;
    private readonly IKernel<StampCall> kernel = new OneNumber("one");
    private readonly float[] output = GC.AllocateArray<float>(16, pinned: true);
    private KernelOperation<StampCall> settled = null!;
    private KernelOperation<StampCall> tried = null!;
    private KernelWorker worker = null!;
    private StampCall call;

    [GlobalSetup]
    public void Prepare()
    {
        var registry = new KernelRegistry(new AuditLog(TextWriter.Null, TimeProvider.System));
        settled = registry.Register(new StampContract(), kernel);
        tried = registry.Register(new Renamed(), new OneNumber("one"));
        tried.Propose(new OneNumber("other"), new TrialOptions { ShadowEvery = 1_000_000, ShadowsToPass = 1_000_000, SlowdownAllowed = 1000 });
        worker = registry.Attach();
        fixed (float* first = output)
            call = new StampCall((nint)first, 1, 1);
    }

    [GlobalCleanup]
    public void Leave() => worker.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = CallsOfAStep)]
    public void Interface()
    {
        for (int i = 0; i < CallsOfAStep; i++)
            kernel.Run(call);
    }

    [Benchmark(OperationsPerInvoke = CallsOfAStep)]
    public void Dispatched()
    {
        using KernelStep step = worker.BeginStep();
        for (int i = 0; i < CallsOfAStep; i++)
            step.Run(settled, call);
    }

    [Benchmark(OperationsPerInvoke = CallsOfAStep)]
    public void DispatchedDuringATrial()
    {
        using KernelStep step = worker.BeginStep();
        for (int i = 0; i < CallsOfAStep; i++)
            step.Run(tried, call);
    }

    [Benchmark]
    public void EmptyStep()
    {
        using KernelStep step = worker.BeginStep();
    }

    private sealed class OneNumber(string name) : IKernel<StampCall>
    {
        public string Name => name;

        public void Run(in StampCall call) => *(float*)call.Output = call.Base;
    }

    private sealed class Renamed : KernelContract<StampCall>
    {
        private readonly StampContract inner = new();

        public override string Operation => "tried";

        public override Tolerance Tolerance => inner.Tolerance;

        public override bool Covers(in StampCall call) => true;

        public override long OutputBytes(in StampCall call) => inner.OutputBytes(call);

        public override StampCall Redirect(in StampCall call, KernelScratch scratch) => inner.Redirect(call, scratch);

        public override OutputVerdict Compare(in StampCall expected, in StampCall actual) => inner.Compare(expected, actual);
    }
}
