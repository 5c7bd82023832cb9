using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Swapping;

/// <summary>A step under way: dispatches to the versions that were current when it began. Ends when disposed.</summary>
public readonly ref struct KernelStep
{
    private readonly KernelWorker worker;
    private readonly object[] versions;

    internal KernelStep(KernelWorker worker, DispatchTable table) => (this.worker, versions) = (worker, table.Versions);

    /// <summary>Runs one call of an operation.</summary>
    /// <param name="operation">The operation; registered before the step began.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="InvalidOperationException">The operation was registered after the step began.</exception>
    public void Run<TCall>(KernelOperation<TCall> operation, in TCall call)
        where TCall : struct
    {
        int index = operation.Index;
        if ((uint)index >= (uint)versions.Length)
            throw new InvalidOperationException($"Operation '{operation.Contract.Operation}' was registered after this step began.");

        // An operation's place in the table only ever holds its own versions.
        KernelVersion<TCall> version = Unsafe.As<KernelVersion<TCall>>(versions[index]);
        if (version.Stage is null)
            version.Serving.Run(call);
        else
            version.Stage.Run(worker, call);
    }

    /// <summary>What this step runs for an operation: the kernel that serves, and the candidate on trial, if any.</summary>
    /// <param name="operation">The operation; registered before the step began.</param>
    public (string Serving, string? Candidate) Pinned<TCall>(KernelOperation<TCall> operation)
        where TCall : struct
    {
        KernelVersion<TCall> version = Unsafe.As<KernelVersion<TCall>>(versions[operation.Index]);
        return (version.Serving.Name, version.Stage?.Trial.Candidate.Name);
    }

    /// <summary>Ends the step.</summary>
    public void Dispose() => worker.EndStep();
}
