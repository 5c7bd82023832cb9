namespace Tuner.Kernels.Reference;

/// <summary>A fixed set of threads that share out the items of one kernel call. Calling it allocates nothing.</summary>
/// <remarks>
/// Threads take the next item when they are done with one, so a core that others slow down simply does less. A worker that
/// wakes up late finds the call closed and takes no part: short calls do not wait for sleepers. One call at a time.
/// </remarks>
public sealed unsafe class CpuTeam : IDisposable
{
    /// <summary>How long an idle worker watches for the next call before it sleeps: tens of microseconds, as between two kernels.</summary>
    private const int IdleSpins = 2000;
    private const int PauseSpins = 10;

    private readonly Lock gate = new();
    private readonly Thread[] workers;
    private readonly SemaphoreSlim wake = new(0);
    private readonly AlignedMemory[] scratch;
    private delegate*<int, int, void*, void> body;
    private void* arguments;
    private int count;
    private int next;
    private int active;
    private int sleeping;
    private volatile int call;
    private bool open;
    private volatile bool closed;

    /// <summary>Starts the threads.</summary>
    /// <param name="width">Threads in all, the caller included, at least 1.</param>
    public CpuTeam(int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        Width = width;
        scratch = [.. Enumerable.Range(0, width).Select(_ => new AlignedMemory(0))];
        workers = [.. Enumerable.Range(1, width - 1).Select(worker => new Thread(() => Work(worker)) { IsBackground = true, Name = $"kernel {worker}" })];
        foreach (Thread worker in workers)
            worker.Start();
    }

    /// <summary>Threads in all, the caller included.</summary>
    public int Width { get; }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        closed = true;
        wake.Release(workers.Length + 1);
        foreach (Thread worker in workers)
            worker.Join();
        foreach (AlignedMemory memory in scratch)
            memory.Dispose();
        wake.Dispose();
    }

    /// <summary>Gives every thread working memory of its own; grows only.</summary>
    internal void Reserve(long bytes)
    {
        for (int i = 0; i < scratch.Length; i++)
        {
            if (scratch[i].Bytes >= bytes)
                continue;
            scratch[i].Dispose();
            scratch[i] = new AlignedMemory(bytes);
        }
    }

    /// <summary>A thread's working memory, aligned to a cache line.</summary>
    internal float* Scratch(int worker) => (float*)scratch[worker].Pointer;

    /// <summary>Runs a function for each item and returns when all are done.</summary>
    /// <param name="items">Items, numbered from 0.</param>
    /// <param name="item">Gets the item, the thread's number and <paramref name="state"/>; must not throw.</param>
    /// <param name="state">What the function works on; may lie on the caller's stack.</param>
    internal void Run(int items, delegate*<int, int, void*, void> item, void* state)
    {
        if (items == 1 || Width == 1)
        {
            for (int i = 0; i < items; i++)
                item(i, 0, state);
            return;
        }

        int sleepers;
        lock (gate)
        {
            body = item;
            arguments = state;
            (count, next, open) = (items, 0, true);
            call++;
            sleepers = Math.Min(sleeping, items - 1);
        }

        if (sleepers > 0)
            wake.Release(sleepers);
        Take(0);
        lock (gate)
            open = false;
        var spin = default(SpinWait);
        while (Volatile.Read(ref active) > 0)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    private void Work(int worker)
    {
        int seen = 0;
        while (true)
        {
            Await(seen);
            if (closed)
                return;
            lock (gate)
            {
                seen = call;
                if (!open)
                    continue;
                active++;
            }

            Take(worker);
            Interlocked.Decrement(ref active);
        }
    }

    private void Await(int seen)
    {
        for (int i = 0; i < IdleSpins && call == seen && !closed; i++)
            Thread.SpinWait(PauseSpins);
        while (!closed)
        {
            lock (gate)
            {
                if (call != seen)
                    return;
                sleeping++;
            }

            wake.Wait();
            lock (gate)
                sleeping--;
        }
    }

    private void Take(int worker)
    {
        for (int i = Interlocked.Increment(ref next) - 1; i < count; i = Interlocked.Increment(ref next) - 1)
            body(i, worker, arguments);
    }
}
