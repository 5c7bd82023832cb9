using System.Diagnostics;
using System.Runtime.InteropServices;
using Tuner.Env.Simulation;
using Tuner.Kernels.Swapping;

namespace Tuner.Kernels.Tests.Swapping.Stress;

/// <summary>Threads that call without pause while kernels, good and bad, are proposed and swapped as fast as they are decided on.</summary>
public sealed class SwapStress : IDisposable
{
    private const int Elements = 512;
    private const int CallsOfAStep = 8;
    private static readonly TrialOptions Options = new()
    {
        ShadowEvery = 5, ShadowsToPass = 11, CanaryEvery = 3, CanariesToPass = 11, ProbationEvery = 7, ProbationsToPass = 11, SlowdownAllowed = 5, PairsToJudge = 9, SlowVerdicts = 3,
    };

    private readonly StringWriter text = new();
    private readonly List<StampKernel> kernels = [];
    private readonly KernelRegistry registry;
    private readonly KernelOperation<StampCall> operation;
    private volatile bool stop;
    private long steps;
    private long calls;
    private long bad;
    private long mixed;
    private long exceptions;

    public SwapStress()
    {
        registry = new KernelRegistry(new AuditLog(text, TimeProvider.System));
        operation = registry.Register(new StampContract(), Make(0, StampFault.None));
    }

    /// <summary>Runs.</summary>
    /// <param name="threads">Threads that call.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="seed">Draws what is proposed.</param>
    /// <param name="tick">Called now and then with the time that passed; null for none.</param>
    public SwapStressResult Run(int threads, TimeSpan duration, ulong seed, Action<TimeSpan>? tick = null)
    {
        Thread[] callers = [.. Enumerable.Range(0, threads).Select(i => new Thread(() => CallUntilStopped(i)) { IsBackground = true })];
        foreach (Thread caller in callers)
            caller.Start();
        int swaps = Direct(duration, RandomStream.For(seed, "swap stress"), tick);
        stop = true;
        foreach (Thread caller in callers)
            caller.Join();
        operation.Withdraw("the run ends");
        return Count(threads, swaps);
    }

    public void Dispose() => text.Dispose();

    private int Direct(TimeSpan duration, RandomStream random, Action<TimeSpan>? tick)
    {
        int swaps = 0;
        StampFault[] faults = Enum.GetValues<StampFault>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            tick?.Invoke(Stopwatch.GetElapsedTime(start));
            int stamp = random.NextInt(StampCall.Stamps);
            if (random.NextInt(4) == 0)
            {
                operation.Swap(Make(stamp, StampFault.None), "stress");
                swaps++;
                continue;
            }

            operation.Propose(Make(stamp, faults[random.NextInt(faults.Length)]), Options);
            while (operation.Candidate is not null && Stopwatch.GetElapsedTime(start) < duration)
                Thread.Yield();
        }

        return swaps;
    }

    private unsafe void CallUntilStopped(int thread)
    {
        using KernelWorker worker = registry.Attach();
        float* output = (float*)NativeMemory.AlignedAlloc(Elements * sizeof(float), 64);
        try
        {
            var call = new StampCall((nint)output, Elements, 1.5f + (0.001f * thread));
            while (!stop)
                Step(worker, call);
        }
        finally
        {
            NativeMemory.AlignedFree(output);
        }
    }

    private void Step(KernelWorker worker, StampCall call)
    {
        string? before = operation.Candidate is null ? operation.Serving : null;
        int? first = null;
        bool changed = false;
        using (KernelStep step = worker.BeginStep())
        {
            bool settled = before is not null && step.Pinned(operation) is (var serving, null) && serving == before;
            for (int i = 0; i < CallsOfAStep; i++)
            {
                call.Values.Clear();
                try
                {
                    step.Run(operation, call);
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref exceptions);
                    continue;
                }

                int? stamp = call.Stamp();
                if (stamp is null)
                    Interlocked.Increment(ref bad);
                first ??= stamp;
                changed |= settled && stamp != first;
            }
        }

        if (changed)
            Interlocked.Increment(ref mixed);
        Interlocked.Increment(ref steps);
        Interlocked.Add(ref calls, CallsOfAStep);
    }

    private StampKernel Make(int stamp, StampFault fault)
    {
        var kernel = new StampKernel($"{fault}-{kernels.Count}", stamp, fault);
        kernels.Add(kernel);
        return kernel;
    }

    private SwapStressResult Count(int threads, int swaps)
    {
        AuditEntry[] log = [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AuditLog.Parse)];
        AuditEntry[] rollbacks = [.. log.Where(entry => entry.Kind == AuditKind.RolledBack && entry.Evidence!.Failure != TrialFailure.Withdrawn)];
        Dictionary<string, StampFault> faults = kernels.ToDictionary(kernel => kernel.Name, kernel => kernel.Fault);
        var counts = rollbacks.GroupBy(entry => faults[entry.From!]).ToDictionary(group => group.Key, group => group.ToArray());

        // A call under way on each other thread may be counted before the rollback is published, and a pinned step may count a few more.
        long others = (long)(threads - 1) * CallsOfAStep;
        long slow = Options.ShadowEvery * (Options.PairsToJudge + Options.SlowVerdicts - 1);
        var allowed = new Dictionary<StampFault, long>
        {
            [StampFault.Wrong] = Options.ShadowEvery + others, [StampFault.NotANumber] = Options.ShadowEvery + others, [StampFault.Throws] = Options.ShadowEvery + others, [StampFault.Slow] = slow + others,
        };
        HashSet<string> letGo = [.. log.Where(entry => entry.Kind == AuditKind.Retired).Select(entry => entry.From!)];
        return new SwapStressResult(
            steps,
            calls,
            bad,
            mixed,
            exceptions,
            swaps,
            log.Count(entry => entry.Kind == AuditKind.Promoted && faults[entry.To!] == StampFault.None),
            counts.TryGetValue(StampFault.None, out AuditEntry[]? good) ? good.Length : 0,
            counts.Where(pair => pair.Key != StampFault.None).ToDictionary(pair => pair.Key, pair => pair.Value.Length),
            counts.Where(pair => pair.Key != StampFault.None).ToDictionary(pair => pair.Key, pair => pair.Value.Max(entry => entry.Evidence!.Calls)),
            allowed,
            log.Count(entry => entry.Kind == AuditKind.Promoted && faults[entry.To!] != StampFault.None),
            kernels.Sum(kernel => kernel.UsedAfterDisposal),
            kernels.Count(kernel => kernel.Name != operation.Serving && !kernel.Disposed) + letGo.Count(name => !kernels.Exists(kernel => kernel.Name == name && kernel.Disposed)));
    }
}
