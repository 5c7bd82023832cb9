using System.Runtime.InteropServices;

namespace Tuner.Kernels.Swapping;

/// <summary>One thread's access to the registry. Beginning a step and dispatching in it waits for nobody and allocates nothing.</summary>
public sealed class KernelWorker : IDisposable
{
    private const long Idle = long.MaxValue;
    private readonly KernelRegistry registry;
    private PaddedEpoch epoch = new() { Value = Idle };

    internal KernelWorker(KernelRegistry registry) => this.registry = registry;

    internal long Announced => Volatile.Read(ref epoch.Value);

    /// <summary>The thread's own memory for outputs that only the registry sees.</summary>
    internal KernelScratch Scratch { get; } = new();

    /// <summary>Begins a step: until it ends, every operation keeps the version it has now.</summary>
    /// <exception cref="InvalidOperationException">This worker's last step has not ended.</exception>
    public KernelStep BeginStep()
    {
        if (epoch.Value != Idle)
            throw new InvalidOperationException("A step of this worker is still open; a worker belongs to one thread and has one step at a time.");
        Interlocked.Exchange(ref epoch.Value, registry.Epochs.Current);
        return new KernelStep(this, registry.Table);
    }

    /// <summary>Leaves the registry.</summary>
    public void Dispose()
    {
        registry.Epochs.Remove(this);
        Scratch.Dispose();
    }

    internal void EndStep()
    {
        Volatile.Write(ref epoch.Value, Idle);
        if (registry.Epochs.Waiting)
            registry.Epochs.Collect();
    }

    /// <summary>Alone on its cache lines: other threads' steps must not slow this one's down.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct PaddedEpoch
    {
        [FieldOffset(128)]
        public long Value;
    }
}
