namespace Tuner.Env.Cluster;

/// <summary>Prompt blocks whose KV is kept after their request ended, in GPU memory and behind it in host memory.</summary>
/// <remarks>
/// Both tiers drop the least recently used first; what leaves GPU memory goes to the host, what leaves the host is gone.
/// A block in use by a running request cannot leave. The unit is the trace's prefix block, of several KV blocks.
/// </remarks>
internal sealed class PrefixCache
{
    private const int None = -1;

    private readonly BlockIndex index = new();
    private int[] unused = new int[64];
    private int unusedCount;
    private Entry[] entries = new Entry[256];
    private int used;
    private LruList gpu = LruList.Empty;
    private LruList host = LruList.Empty;

    private struct Entry
    {
        public ulong Hash;
        public int References;
        public int KvBlocks;
        public int Hits;
        public bool OnGpu;
        public bool Prefetched;
        public double Ready;
        public int Older;
        public int Newer;
    }

    private struct LruList
    {
        public static LruList Empty => new() { Oldest = None, Newest = None };

        public int Oldest;
        public int Newest;
    }

    /// <summary>KV blocks held in GPU memory, in use or not.</summary>
    public int GpuBlocks { get; private set; }

    /// <summary>KV blocks in GPU memory that no running request uses.</summary>
    public int EvictableBlocks { get; private set; }

    /// <summary>KV blocks held in host memory.</summary>
    public int HostBlocks { get; private set; }

    /// <summary>KV blocks host memory may hold.</summary>
    public int HostCapacity { get; private set; }

    /// <summary>How many leading blocks of a prompt are held, in either tier.</summary>
    public int MatchLength(ReadOnlySpan<ulong> hashes)
    {
        int length = 0;
        while (length < hashes.Length && index.Contains(hashes[length]))
            length++;
        return length;
    }

    /// <summary>Where a block is: whether it is held at all and whether in GPU memory.</summary>
    public bool TryFind(ulong hash, out bool onGpu, out int kvBlocks)
    {
        bool found = index.TryGet(hash, out int entry);
        onGpu = found && entries[entry].OnGpu;
        kvBlocks = found ? entries[entry].KvBlocks : 0;
        return found;
    }

    /// <summary>Whether a block is in GPU memory and no running request uses it.</summary>
    public bool IsIdle(ulong hash) => index.TryGet(hash, out int entry) && entries[entry] is { OnGpu: true, References: 0 };

    /// <summary>Says how much host memory may hold; what is over it is dropped.</summary>
    public void LimitHost(int kvBlocks)
    {
        HostCapacity = kvBlocks;
        TrimHost();
    }

    /// <summary>Takes a held block into use; one in host memory moves to GPU memory.</summary>
    /// <returns>When its bytes are there (0 when they are), and whether it had been prefetched and not used since.</returns>
    public (double Ready, bool WasPrefetched) Acquire(ulong hash)
    {
        int i = Place(hash);
        ref Entry entry = ref entries[i];
        if (!entry.OnGpu)
        {
            Unlink(ref host, i);
            HostBlocks -= entry.KvBlocks;
            GpuBlocks += entry.KvBlocks;
            entry.OnGpu = true;
        }
        else if (entry.References == 0)
        {
            Unlink(ref gpu, i);
            EvictableBlocks -= entry.KvBlocks;
        }

        entry.References++;
        entry.Hits++;
        bool prefetched = entry.Prefetched;
        entry.Prefetched = false;
        return (entry.Ready, prefetched);
    }

    /// <summary>Says when the bytes of a block being copied will be there.</summary>
    public void SetReady(ulong hash, double ready) => entries[Place(hash)].Ready = ready;

    /// <summary>Adds a freshly computed block, in use by one request. False when it is held already.</summary>
    public bool TryAdd(ulong hash, int kvBlocks)
    {
        if (index.Contains(hash))
            return false;
        int i = unusedCount > 0 ? unused[--unusedCount] : used++;
        if (i == entries.Length)
            Array.Resize(ref entries, 2 * i);
        entries[i] = new Entry { Hash = hash, References = 1, KvBlocks = kvBlocks, OnGpu = true, Older = None, Newer = None };
        index.Add(hash, i);
        GpuBlocks += kvBlocks;
        return true;
    }

    /// <summary>Ends one use of a block; without users it stays until room is needed.</summary>
    public void Release(ulong hash)
    {
        int i = Place(hash);
        ref Entry entry = ref entries[i];
        if (--entry.References > 0)
            return;
        Link(ref gpu, i);
        EvictableBlocks += entry.KvBlocks;
    }

    /// <summary>Moves the least recently used idle block out to host memory.</summary>
    /// <returns>The KV blocks freed; 0 when every block is in use.</returns>
    public int EvictOldest()
    {
        int i = gpu.Oldest;
        if (i == None)
            return 0;
        ref Entry entry = ref entries[i];
        Unlink(ref gpu, i);
        EvictableBlocks -= entry.KvBlocks;
        GpuBlocks -= entry.KvBlocks;
        entry.OnGpu = false;
        entry.Prefetched = false;
        entry.Ready = 0;
        int freed = entry.KvBlocks;
        Link(ref host, i);
        HostBlocks += freed;
        TrimHost();
        return freed;
    }

    /// <summary>
    /// The block prefetch would bring back: the most recently used one in host memory that was reused before, if the block
    /// that would have to leave for it (if any) was not.
    /// </summary>
    /// <param name="free">KV blocks nobody holds.</param>
    /// <param name="spare">KV blocks below which memory counts as full.</param>
    /// <param name="hash">The block.</param>
    /// <param name="kvBlocks">Its KV blocks.</param>
    /// <param name="displaces">Whether memory is too full to take it without another leaving.</param>
    public bool TryPredict(int free, int spare, out ulong hash, out int kvBlocks, out bool displaces)
    {
        (hash, kvBlocks, displaces) = (0, 0, false);
        const int Depth = 16;
        int i = host.Newest;
        for (int depth = 0; i != None && depth < Depth; depth++, i = entries[i].Older)
        {
            if (entries[i].Hits == 0)
                continue;
            displaces = free < Math.Max(spare, entries[i].KvBlocks);
            if (displaces && (gpu.Oldest == None || entries[gpu.Oldest].Hits > 0))
                return false;
            hash = entries[i].Hash;
            kvBlocks = entries[i].KvBlocks;
            return true;
        }

        return false;
    }

    /// <summary>Brings a block from host to GPU memory ahead of need.</summary>
    public void Prefetch(ulong hash, double ready)
    {
        int i = Place(hash);
        ref Entry entry = ref entries[i];
        Unlink(ref host, i);
        HostBlocks -= entry.KvBlocks;
        GpuBlocks += entry.KvBlocks;
        EvictableBlocks += entry.KvBlocks;
        entry.OnGpu = true;
        entry.Prefetched = true;
        entry.Ready = ready;
        Link(ref gpu, i);
    }

    /// <summary>Becomes a copy of another cache.</summary>
    public void CopyFrom(PrefixCache other)
    {
        index.CopyFrom(other.index);
        if (unused.Length < other.unusedCount)
            unused = new int[other.unused.Length];
        Array.Copy(other.unused, unused, other.unusedCount);
        if (entries.Length < other.used)
            entries = new Entry[other.entries.Length];
        Array.Copy(other.entries, entries, other.used);
        (unusedCount, used, gpu, host) = (other.unusedCount, other.used, other.gpu, other.host);
        (GpuBlocks, EvictableBlocks, HostBlocks, HostCapacity) = (other.GpuBlocks, other.EvictableBlocks, other.HostBlocks, other.HostCapacity);
    }

    private int Place(ulong hash)
        => index.TryGet(hash, out int place) ? place : throw new InvalidOperationException($"Block {hash:x16} is not held.");

    private void TrimHost()
    {
        while (HostBlocks > HostCapacity && host.Oldest != None)
            Drop(host.Oldest);
    }

    private void Drop(int i)
    {
        Unlink(ref host, i);
        HostBlocks -= entries[i].KvBlocks;
        index.Remove(entries[i].Hash);
        if (unusedCount == unused.Length)
            Array.Resize(ref unused, 2 * unusedCount);
        unused[unusedCount++] = i;
    }

    private void Link(ref LruList list, int i)
    {
        entries[i].Older = list.Newest;
        entries[i].Newer = None;
        if (list.Newest != None)
            entries[list.Newest].Newer = i;
        else
            list.Oldest = i;
        list.Newest = i;
    }

    private void Unlink(ref LruList list, int i)
    {
        (int older, int newer) = (entries[i].Older, entries[i].Newer);
        if (older != None)
            entries[older].Newer = newer;
        else
            list.Oldest = newer;
        if (newer != None)
            entries[newer].Older = older;
        else
            list.Newest = older;
    }
}
