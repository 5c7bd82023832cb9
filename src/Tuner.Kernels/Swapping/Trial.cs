namespace Tuner.Kernels.Swapping;

/// <summary>A candidate and the kernel it wants to replace, through all stages.</summary>
internal sealed class Trial<TCall>(IKernel<TCall> candidate, IKernel<TCall> incumbent, TrialOptions options)
    where TCall : struct
{
    private int condemned;
    private long calls;

    public IKernel<TCall> Candidate => candidate;

    public IKernel<TCall> Incumbent => incumbent;

    public TrialOptions Options => options;

    /// <summary>Once true the candidate starts no further call, not even in steps that pinned a version with it.</summary>
    public bool Condemned => Volatile.Read(ref condemned) != 0;

    /// <summary>Calls of the operation since the trial began.</summary>
    public long Calls => Interlocked.Read(ref calls);

    /// <summary>Condemns the candidate.</summary>
    /// <returns>True for the first to do so: it rolls back.</returns>
    public bool Condemn() => Interlocked.Exchange(ref condemned, 1) == 0;

    public void Count() => Interlocked.Increment(ref calls);
}
