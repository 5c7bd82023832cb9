namespace Tuner.Kernels.Swapping;

/// <summary>Knows when no step can reach a retired kernel any more, without a step ever waiting.</summary>
/// <remarks>
/// Epoch-based reclamation (Fraser, "Practical lock-freedom", 2004): a step announces the epoch it began in and only then reads
/// the table; a retirement swaps the table, moves the epoch on, and waits until every announced epoch is as new. Both sides put
/// a full fence between their write and their read, so either the step sees the new table or the retirement sees the step.
/// </remarks>
internal sealed class Epochs
{
    private readonly Lock gate = new();
    private readonly List<KernelWorker> workers = [];
    private readonly List<(long Epoch, Action Release)> retired = [];
    private long current = 1;
    private int waiting;

    /// <summary>The epoch a step that begins now announces.</summary>
    public long Current => Volatile.Read(ref current);

    /// <summary>Whether anything waits for its last user.</summary>
    public bool Waiting => Volatile.Read(ref waiting) > 0;

    public void Add(KernelWorker worker)
    {
        lock (gate)
            workers.Add(worker);
    }

    public void Remove(KernelWorker worker)
    {
        lock (gate)
            workers.Remove(worker);
        Collect();
    }

    /// <summary>Lets go of something once every step that could reach it has ended. Call it after the table was swapped.</summary>
    public void Retire(Action release)
    {
        long epoch = Interlocked.Increment(ref current);
        lock (gate)
        {
            retired.Add((epoch, release));
            waiting = retired.Count;
        }

        Collect();
    }

    /// <summary>Lets go of what has no user left.</summary>
    public void Collect()
    {
        List<Action> free = [];
        lock (gate)
        {
            Interlocked.MemoryBarrier();
            long oldest = workers.Count == 0 ? long.MaxValue : workers.Min(worker => worker.Announced);
            retired.RemoveAll(entry =>
            {
                if (entry.Epoch > oldest)
                    return false;
                free.Add(entry.Release);
                return true;
            });
            waiting = retired.Count;
        }

        foreach (Action release in free)
            release();
    }
}
