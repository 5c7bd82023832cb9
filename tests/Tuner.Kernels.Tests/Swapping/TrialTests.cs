using Tuner.Kernels.Swapping;

namespace Tuner.Kernels.Tests.Swapping;

internal sealed class TrialTests
{
    /// <summary>Speed is judged in the tests that are about speed; elsewhere a busy machine must not decide.</summary>
    private static TrialOptions AnySpeed => new() { SlowdownAllowed = 1000 };

    [Test]
    public void Propose_AGoodKernel_IsPromotedStageByStageAndTheOldOneLetGo()
    {
        var old = new FillKernel("old");
        using var bench = new SwapBench(old);
        bench.Operation.Propose(new FillKernel("new"), AnySpeed);

        (_, int wrong) = bench.CallUntilDecided();

        Assert.That(wrong, Is.Zero);
        Assert.That(bench.Operation.Serving, Is.EqualTo("new"));
        Assert.That(bench.Log.Select(entry => entry.Kind), Is.EqualTo(new[]
        {
            AuditKind.Registered, AuditKind.Proposed, AuditKind.Canary, AuditKind.Promoted, AuditKind.Settled, AuditKind.Retired,
        }));
        Assert.That((old.Disposed, old.AfterDisposal), Is.EqualTo((true, 0L)));
    }

    [TestCase(0.01f, false, long.MaxValue, TrialFailure.Mismatch)]
    [TestCase(0f, true, long.MaxValue, TrialFailure.NotFinite)]
    [TestCase(0f, false, 1L, TrialFailure.Threw)]
    public void Propose_ABadKernel_IsRolledBackWithinTheStatedCallsUnseen(float error, bool notANumber, long throwFrom, TrialFailure failure)
    {
        using var bench = new SwapBench(new FillKernel("old"));
        var bad = new FillKernel("bad", error, notANumber, throwFrom: throwFrom);
        var options = new TrialOptions();
        bench.Operation.Propose(bad, options);

        (int calls, int wrong) = bench.CallUntilDecided();

        Assert.That((calls <= options.ShadowEvery, wrong), Is.EqualTo((true, 0)));
        Assert.That(bench.Operation.Serving, Is.EqualTo("old"));
        AuditEntry rollback = bench.Log.Single(entry => entry.Kind == AuditKind.RolledBack);
        Assert.That((rollback.From, rollback.To, rollback.Evidence!.Failure), Is.EqualTo(("bad", "old", failure)));
        Assert.That(bad.Disposed, Is.True);
        Assert.That(() => bench.Operation.Propose(new FillKernel("bad")), Throws.InvalidOperationException.With.Message.Contains("quarantine"));
        Assert.That(bench.Operation.Release("bad"), Is.True);
        Assert.That(() => bench.Operation.Propose(new FillKernel("bad")), Throws.Nothing);
    }

    [Test]
    public void Propose_ASlowKernel_IsRolledBackWithinTheStatedCalls()
    {
        using var bench = new SwapBench(new FillKernel("old", microseconds: 5));
        var options = new TrialOptions();
        bench.Operation.Propose(new FillKernel("slow", microseconds: 40), options);

        (int calls, int wrong) = bench.CallUntilDecided();

        Assert.That(calls, Is.LessThanOrEqualTo(options.ShadowEvery * (options.PairsToJudge + options.SlowVerdicts - 1)));
        Assert.That(wrong, Is.Zero);
        AuditEvidence evidence = bench.Log.Single(entry => entry.Kind == AuditKind.RolledBack).Evidence!;
        Assert.That((evidence.Failure, evidence.SpeedRatio > 2), Is.EqualTo((TrialFailure.Slow, true)));
    }

    [Test]
    public void Canary_ThatTurnsWrong_IsRolledBackAndNoCallerSeesIt()
    {
        using var bench = new SwapBench(new FillKernel("old"));
        bench.Operation.Propose(new FillKernel("turns", error: 0.1f, wrongFrom: 25), AnySpeed);

        (_, int wrong) = bench.CallUntilDecided();

        Assert.That(wrong, Is.Zero);
        Assert.That(bench.Log[^2].Evidence, Has.Property("Phase").EqualTo(TrialPhase.Canary).And.Property("Failure").EqualTo(TrialFailure.Mismatch));
    }

    [Test]
    public void Canary_ThatThrows_IsRolledBackAndTheCallerGetsItsAnswer()
    {
        using var bench = new SwapBench(new FillKernel("old"));
        bench.Operation.Propose(new FillKernel("turns", throwFrom: 25), AnySpeed);

        (_, int wrong) = bench.CallUntilDecided();

        Assert.That(wrong, Is.Zero);
        Assert.That(bench.Log.Single(entry => entry.Kind == AuditKind.RolledBack).Evidence!.Exception, Does.Contain("launch failed"));
    }

    [Test]
    public void Probation_OfAKernelThatThrows_EndsAtOnceAndTheCallerGetsItsAnswer()
    {
        using var bench = new SwapBench(new FillKernel("old"));
        bench.Operation.Propose(new FillKernel("turns", throwFrom: 100), AnySpeed);

        (_, int wrong) = bench.CallUntilDecided();

        Assert.That(wrong, Is.Zero);
        Assert.That(bench.Operation.Serving, Is.EqualTo("old"));
        Assert.That(bench.Log.Single(entry => entry.Kind == AuditKind.RolledBack).Evidence!.Phase, Is.EqualTo(TrialPhase.Probation));
    }

    [Test]
    public void Probation_OfAKernelThatTurnsWrong_EndsWithinItsSample()
    {
        using var bench = new SwapBench(new FillKernel("old"));
        TrialOptions options = AnySpeed;
        bench.Operation.Propose(new FillKernel("turns", error: 0.1f, wrongFrom: 100), options);

        (_, int wrong) = bench.CallUntilDecided();

        // These callers did get wrong numbers: after its promotion a kernel is only sampled.
        Assert.That(wrong, Is.InRange(1, options.ProbationEvery));
        Assert.That(bench.Operation.Serving, Is.EqualTo("old"));
    }

    [Test]
    public void Step_ThatBeganBeforeASwap_KeepsItsKernelUntilItEnds()
    {
        var old = new FillKernel("old");
        var next = new FillKernel("next");
        using var bench = new SwapBench(old);
        KernelStep step = bench.Begin();
        bench.Call(step);

        bench.Operation.Swap(next, "a better one");
        bench.Call(step);
        bool disposedWhileInUse = old.Disposed;
        step.Dispose();

        Assert.That((old.Calls, next.Calls, disposedWhileInUse), Is.EqualTo((2L, 0L, false)));
        Assert.That(old.Disposed, Is.True);
        bench.Call();
        Assert.That(next.Calls, Is.EqualTo(1));
    }

    [Test]
    public void Step_ThatPinnedACondemnedKernel_RunsTheIncumbentInstead()
    {
        using var bench = new SwapBench(new FillKernel("old"));
        var turns = new FillKernel("turns", throwFrom: 60);
        bench.Operation.Propose(turns, AnySpeed);
        while (bench.Operation.Phase != TrialPhase.Probation)
            bench.Call();
        using KernelStep step = bench.Begin();

        for (int i = 0; i < 200; i++)
            Assert.That(bench.Call(step, i), Is.True);

        Assert.That(turns.Calls, Is.EqualTo(60));
    }

    [Test]
    public void Call_OutsideTheContract_NeverMeetsTheCandidate()
    {
        using var bench = new SwapBench(new FillKernel("old"), new FillContract(most: 8));
        var bad = new FillKernel("bad", error: 1);
        bench.Operation.Propose(bad);

        for (int i = 0; i < 100; i++)
            Assert.That(bench.Call(), Is.True);

        Assert.That(bad.Calls, Is.Zero);
    }

    [Test]
    public void Withdraw_ATrial_LeavesTheIncumbentAndNoQuarantine()
    {
        using var bench = new SwapBench(new FillKernel("old"));
        bench.Operation.Propose(new FillKernel("new"));

        Assert.That(bench.Operation.Withdraw("changed my mind"), Is.True);
        Assert.That(bench.Operation.Withdraw("again"), Is.False);
        Assert.That((bench.Operation.Serving, bench.Operation.Quarantined.Count), Is.EqualTo(("old", 0)));
    }

    [Test]
    public void Misuse_IsRefusedInASentence()
    {
        using var bench = new SwapBench(new FillKernel("old"));
        bench.Operation.Propose(new FillKernel("one"));

        Assert.That(() => bench.Operation.Propose(new FillKernel("two")), Throws.InvalidOperationException.With.Message.Contains("'one' is on trial"));
        Assert.That(() => bench.Registry.Register(new FillContract(), new FillKernel("x")), Throws.ArgumentException.With.Message.Contains("registered already"));
        Assert.That(() => bench.Operation.Propose(new FillKernel("two"), new TrialOptions { ShadowsToPass = 3 }), Throws.ArgumentException.With.Message.Contains("ShadowsToPass"));
        Assert.That(
            () =>
            {
                using KernelStep step = bench.Begin();
                bench.Begin();
            },
            Throws.InvalidOperationException.With.Message.Contains("still open"));
    }

    [Test]
    public void Run_WithAndWithoutATrial_AllocatesNothing()
    {
        using var bench = new SwapBench(new FillKernel("old"));
        bench.Call();
        Assert.That(Allocated(bench), Is.Zero);
        bench.Operation.Propose(new FillKernel("new"), new TrialOptions { ShadowsToPass = 1_000_000, SlowdownAllowed = 1000 });
        for (int i = 0; i < 20; i++)
            bench.Call();
        Assert.That(Allocated(bench), Is.Zero);
    }

    private static long Allocated(SwapBench bench)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            bench.Call();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
