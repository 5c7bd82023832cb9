using System.Runtime.InteropServices;
using Tuner.Kernels.Swapping;

namespace Tuner.Kernels.Tests.Swapping;

/// <summary>A registry with one operation, one worker and the log it writes.</summary>
internal sealed unsafe class SwapBench : IDisposable
{
    private const int Count = 32;
    private readonly StringWriter text = new();
    private readonly KernelWorker worker;
    private readonly float* output = (float*)NativeMemory.AlignedAlloc(Count * sizeof(float), 64);

    public SwapBench(IKernel<FillCall> first, KernelContract<FillCall>? contract = null)
    {
        Registry = new KernelRegistry(new AuditLog(text, TimeProvider.System));
        Operation = Registry.Register(contract ?? new FillContract(), first);
        worker = Registry.Attach();
    }

    public KernelRegistry Registry { get; }

    public KernelOperation<FillCall> Operation { get; }

    public List<AuditEntry> Log => [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AuditLog.Parse)];

    /// <summary>Runs one call in a step of its own and says whether the caller got the right numbers.</summary>
    public bool Call(float seed = 1)
    {
        using KernelStep step = worker.BeginStep();
        return Call(step, seed);
    }

    public bool Call(KernelStep step, float seed = 1)
    {
        var call = new FillCall((nint)output, Count, seed);
        call.Values.Fill(-1);
        step.Run(Operation, call);
        for (int i = 0; i < Count; i++)
        {
            if (Math.Abs(call.Values[i] - call.Right(i)) > 1e-4f)
                return false;
        }

        return true;
    }

    public KernelStep Begin() => worker.BeginStep();

    /// <summary>Calls until the operation has no candidate.</summary>
    /// <returns>Calls it took, and how many gave the caller wrong numbers.</returns>
    public (int Calls, int Wrong) CallUntilDecided(int most = 20_000)
    {
        int wrong = 0;
        for (int calls = 0; calls < most; calls++)
        {
            if (Operation.Candidate is null)
                return (calls, wrong);
            if (!Call(calls))
                wrong++;
        }

        throw new InvalidOperationException($"No decision within {most} calls.");
    }

    public void Dispose()
    {
        worker.Dispose();
        NativeMemory.AlignedFree(output);
    }
}
