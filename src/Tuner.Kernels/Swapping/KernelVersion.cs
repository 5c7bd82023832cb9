namespace Tuner.Kernels.Swapping;

/// <summary>What an operation runs during one state of its trial; immutable. Tables share versions, steps pin tables.</summary>
internal sealed class KernelVersion<TCall>(IKernel<TCall> serving, TrialStage<TCall>? stage)
    where TCall : struct
{
    /// <summary>The kernel that serves calls outside a trial, and the incumbent of one that is not yet promoted.</summary>
    public IKernel<TCall> Serving => serving;

    /// <summary>The trial under way; null without one.</summary>
    public TrialStage<TCall>? Stage => stage;
}
