using System.Diagnostics;

namespace Tuner.Kernels.Swapping;

/// <summary>One stage of a trial: which calls involve the candidate, and what came of them.</summary>
internal sealed class TrialStage<TCall>(KernelOperation<TCall> operation, Trial<TCall> trial, TrialPhase phase)
    where TCall : struct
{
    private readonly Lock gate = new();
    private readonly PairedTimes times = new(trial.Options.PairsToJudge, trial.Options.SlowdownAllowed, trial.Options.SlowVerdicts);
    private readonly int every = phase switch { TrialPhase.Shadow => trial.Options.ShadowEvery, TrialPhase.Canary => trial.Options.CanaryEvery, _ => trial.Options.ProbationEvery };
    private readonly int toPass = phase switch { TrialPhase.Shadow => trial.Options.ShadowsToPass, TrialPhase.Canary => trial.Options.CanariesToPass, _ => trial.Options.ProbationsToPass };
    private long calls;
    private long compared;
    private OutputVerdict worst;

    public Trial<TCall> Trial => trial;

    public TrialPhase Phase => phase;

    /// <summary>Runs one call. Whatever the candidate does, the caller gets the incumbent's output or one that agreed with it; in probation only sampled calls are compared.</summary>
    public void Run(KernelWorker worker, in TCall call)
    {
        if (trial.Condemned || !operation.Contract.Covers(call))
        {
            trial.Incumbent.Run(call);
            return;
        }

        trial.Count();
        long number = Interlocked.Increment(ref calls);
        if (number % every == 0)
            Compare(worker, call, candidateFirst: number / every % 2 == 0);
        else if (phase == TrialPhase.Probation)
            Serve(call);
        else
            trial.Incumbent.Run(call);
    }

    public AuditEvidence Evidence(TrialFailure? failure = null, Exception? thrown = null)
    {
        lock (gate)
        {
            return new AuditEvidence(
                phase, failure, trial.Calls, compared, times.Ratio, worst.Worst, worst.Bound, thrown is null ? null : $"{thrown.GetType().Name}: {thrown.Message}");
        }
    }

    private void Serve(in TCall call)
    {
        try
        {
            trial.Candidate.Run(call);
        }
        catch (Exception thrown)
        {
            operation.RollBack(this, TrialFailure.Threw, thrown);
            trial.Incumbent.Run(call);
        }
    }

    private void Compare(KernelWorker worker, in TCall call, bool candidateFirst)
    {
        // In shadow nobody may get the candidate's output; later it serves, and the incumbent writes aside.
        TCall aside = operation.Contract.Redirect(call, worker.Scratch);
        (TCall forCandidate, TCall forIncumbent) = phase == TrialPhase.Shadow ? (aside, call) : (call, aside);
        long candidateTicks = 0;
        Exception? thrown = null;
        if (candidateFirst)
            thrown = Attempt(forCandidate, out candidateTicks);
        long incumbentTicks;
        try
        {
            incumbentTicks = Timed(trial.Incumbent, forIncumbent);
        }
        catch (Exception) when (phase == TrialPhase.Probation && thrown is null)
        {
            // The candidate serves by now: the replaced kernel's failure is not the caller's.
            if (!candidateFirst)
                trial.Candidate.Run(call);
            return;
        }

        if (!candidateFirst)
            thrown = Attempt(forCandidate, out candidateTicks);

        OutputVerdict verdict = thrown is null ? operation.Contract.Compare(forIncumbent, forCandidate) : default;
        if (!verdict.Agrees)
        {
            Note(verdict, incumbentTicks, incumbentTicks);
            operation.RollBack(this, thrown is not null ? TrialFailure.Threw : verdict.Finite ? TrialFailure.Mismatch : TrialFailure.NotFinite, thrown);
            if (phase != TrialPhase.Shadow)
                trial.Incumbent.Run(call);
            return;
        }

        (bool fast, bool passed) = Note(verdict, incumbentTicks, candidateTicks);
        if (!fast)
            operation.RollBack(this, TrialFailure.Slow, null);
        else if (passed)
            operation.Advance(this);
    }

    private Exception? Attempt(in TCall call, out long ticks)
    {
        ticks = 0;
        try
        {
            ticks = Timed(trial.Candidate, call);
            return null;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }

    private long Timed(IKernel<TCall> kernel, in TCall call)
    {
        long start = Stopwatch.GetTimestamp();
        kernel.Run(call);
        operation.Contract.Finish(call);
        return Stopwatch.GetTimestamp() - start;
    }

    private (bool Fast, bool Passed) Note(in OutputVerdict verdict, long incumbentTicks, long candidateTicks)
    {
        lock (gate)
        {
            compared++;
            if (verdict.Worst >= worst.Worst)
                worst = verdict;
            bool fast = times.Add(incumbentTicks, candidateTicks);
            return (fast, compared >= toPass && times.Ratio <= trial.Options.SlowdownAllowed);
        }
    }
}
