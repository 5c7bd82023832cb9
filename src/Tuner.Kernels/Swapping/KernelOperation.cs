using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Swapping;

/// <summary>One operation: which kernel serves it, and the trial of the next. Changes take effect where a step begins.</summary>
/// <typeparam name="TCall">What a call consists of.</typeparam>
public sealed class KernelOperation<TCall>
    where TCall : struct
{
    private readonly KernelRegistry registry;
    private readonly HashSet<string> quarantine = [];

    internal KernelOperation(KernelRegistry registry, KernelContract<TCall> contract, int index)
        => (this.registry, Contract, Index) = (registry, contract, index);

    /// <summary>What its kernels promise.</summary>
    public KernelContract<TCall> Contract { get; }

    internal int Index { get; }

    /// <summary>The kernel that serves steps that begin now.</summary>
    public string Serving => Version.Serving.Name;

    /// <summary>The candidate on trial; null without one.</summary>
    public string? Candidate => Version.Stage?.Trial.Candidate.Name;

    /// <summary>How far the candidate has come; null without one.</summary>
    public TrialPhase? Phase => Version.Stage?.Phase;

    /// <summary>Kernels that were rolled back and may not be proposed again.</summary>
    public IReadOnlyCollection<string> Quarantined
    {
        get
        {
            lock (registry.Gate)
                return [.. quarantine];
        }
    }

    private KernelVersion<TCall> Version => Unsafe.As<KernelVersion<TCall>>(registry.Table.Versions[Index]);

    /// <summary>Puts a kernel on trial: shadow, canary, probation.</summary>
    /// <param name="candidate">The kernel; belongs to the registry from now on.</param>
    /// <param name="options">How it is judged; the defaults when null.</param>
    /// <exception cref="InvalidOperationException">Another trial is under way, or the kernel serves already or is quarantined.</exception>
    /// <exception cref="ArgumentException">The options would promote a kernel before its speed is judged.</exception>
    /// <exception cref="ValidationException">An option is out of its range.</exception>
    public void Propose(IKernel<TCall> candidate, TrialOptions? options = null)
    {
        options ??= new TrialOptions();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        int judged = options.PairsToJudge + options.SlowVerdicts - 1;
        if (options.ShadowsToPass < judged)
            throw new ArgumentException($"ShadowsToPass is {options.ShadowsToPass}; judging speed takes {judged} shadowed calls (PairsToJudge + SlowVerdicts - 1).", nameof(options));
        lock (registry.Gate)
        {
            KernelVersion<TCall> now = Version;
            if (now.Stage is { } other)
                throw new InvalidOperationException($"{Contract.Operation}: '{other.Trial.Candidate.Name}' is on trial; one candidate at a time.");
            Admit(candidate.Name, now);
            Publish(now.Serving, new TrialStage<TCall>(this, new Trial<TCall>(candidate, now.Serving, options), TrialPhase.Shadow));
            Log(AuditKind.Proposed, now.Serving.Name, candidate.Name, $"one call in {options.ShadowEvery} also runs it");
        }
    }

    /// <summary>Swaps a kernel in without a trial, from the next step on.</summary>
    /// <param name="kernel">The kernel; belongs to the registry from now on.</param>
    /// <param name="why">The reason, for the log.</param>
    /// <exception cref="InvalidOperationException">A trial is under way, or the kernel serves already or is quarantined.</exception>
    public void Swap(IKernel<TCall> kernel, string why)
    {
        lock (registry.Gate)
        {
            KernelVersion<TCall> now = Version;
            if (now.Stage is { } other)
                throw new InvalidOperationException($"{Contract.Operation}: '{other.Trial.Candidate.Name}' is on trial; withdraw it first.");
            Admit(kernel.Name, now);
            Publish(kernel, null);
            Log(AuditKind.Swapped, now.Serving.Name, kernel.Name, why);
            registry.Retire(Contract.Operation, now.Serving.Name, now.Serving);
        }
    }

    /// <summary>Ends the trial under way, if any, in favour of the incumbent.</summary>
    /// <param name="why">The reason, for the log.</param>
    /// <returns>Whether there was a trial.</returns>
    public bool Withdraw(string why) => Version.Stage is { } stage && RollBack(stage, TrialFailure.Withdrawn, null, why);

    /// <summary>Lets a quarantined kernel be proposed again.</summary>
    /// <param name="kernel">Its name.</param>
    /// <returns>Whether it was quarantined.</returns>
    public bool Release(string kernel)
    {
        lock (registry.Gate)
        {
            bool released = quarantine.Remove(kernel);
            if (released)
                Log(AuditKind.Released, kernel, kernel, "may be proposed again");
            return released;
        }
    }

    internal bool RollBack(TrialStage<TCall> stage, TrialFailure failure, Exception? thrown, string? why = null)
    {
        Trial<TCall> trial = stage.Trial;
        if (!trial.Condemn())
            return false;
        lock (registry.Gate)
        {
            // A step may still run an earlier stage of this trial; a trial that ended otherwise needs no rollback.
            if (Version.Stage?.Trial != trial)
                return false;
            Publish(trial.Incumbent, null);
            if (failure != TrialFailure.Withdrawn)
                quarantine.Add(trial.Candidate.Name);
            Log(AuditKind.RolledBack, trial.Candidate.Name, trial.Incumbent.Name, why ?? Sentence(failure), stage.Evidence(failure, thrown));
            registry.Retire(Contract.Operation, trial.Candidate.Name, trial.Candidate);
            return true;
        }
    }

    internal void Advance(TrialStage<TCall> stage)
    {
        Trial<TCall> trial = stage.Trial;
        lock (registry.Gate)
        {
            if (Version.Stage != stage || trial.Condemned)
                return;
            (string from, string to) = (trial.Incumbent.Name, trial.Candidate.Name);
            switch (stage.Phase)
            {
                case TrialPhase.Shadow:
                    Publish(trial.Incumbent, new TrialStage<TCall>(this, trial, TrialPhase.Canary));
                    Log(AuditKind.Canary, from, to, $"agreed and was fast enough; serves one call in {trial.Options.CanaryEvery}", stage.Evidence());
                    break;
                case TrialPhase.Canary:
                    Publish(trial.Candidate, new TrialStage<TCall>(this, trial, TrialPhase.Probation));
                    Log(AuditKind.Promoted, from, to, $"agreed and was fast enough; serves every call, one in {trial.Options.ProbationEvery} is compared", stage.Evidence());
                    break;
                default:
                    Publish(trial.Candidate, null);
                    Log(AuditKind.Settled, from, to, "passed its probation", stage.Evidence());
                    registry.Retire(Contract.Operation, from, trial.Incumbent);
                    break;
            }
        }
    }

    private static string Sentence(TrialFailure failure) => failure switch
    {
        TrialFailure.Mismatch => "its output left the tolerance",
        TrialFailure.NotFinite => "its output was not finite where the incumbent's was",
        TrialFailure.Slow => "its median time stayed above what is allowed",
        TrialFailure.Threw => "it threw",
        _ => "it was withdrawn",
    };

    private void Admit(string name, KernelVersion<TCall> now)
    {
        if (now.Serving.Name == name)
            throw new InvalidOperationException($"{Contract.Operation}: '{name}' serves already.");
        if (quarantine.Contains(name))
            throw new InvalidOperationException($"{Contract.Operation}: '{name}' was rolled back and is in quarantine; release it to try again.");
    }

    private void Publish(IKernel<TCall> serving, TrialStage<TCall>? stage) => registry.Publish(Index, new KernelVersion<TCall>(serving, stage));

    private void Log(AuditKind kind, string? from, string? to, string why, AuditEvidence? evidence = null)
        => registry.Log.Write(Contract.Operation, kind, from, to, why, evidence);
}
