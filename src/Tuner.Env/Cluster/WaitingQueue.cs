namespace Tuner.Env.Cluster;

/// <summary>First come, first served; requests thrown back go to the front. A ring that grows.</summary>
internal sealed class WaitingQueue
{
    private WaitingRequest[] ring = new WaitingRequest[64];
    private int head;

    public int Count { get; private set; }

    public ref readonly WaitingRequest First => ref ring[head];

    public ref readonly WaitingRequest this[int index] => ref ring[(head + index) & (ring.Length - 1)];

    public void PushBack(in WaitingRequest item)
    {
        Grow();
        ring[(head + Count++) & (ring.Length - 1)] = item;
    }

    public void PushFront(in WaitingRequest item)
    {
        Grow();
        head = (head - 1) & (ring.Length - 1);
        ring[head] = item;
        Count++;
    }

    public void PopFront()
    {
        head = (head + 1) & (ring.Length - 1);
        Count--;
    }

    /// <summary>Becomes a copy of another queue.</summary>
    public void CopyFrom(WaitingQueue other)
    {
        if (ring.Length < other.ring.Length)
            ring = new WaitingRequest[other.ring.Length];
        head = 0;
        Count = other.Count;
        for (int i = 0; i < Count; i++)
            ring[i] = other[i];
    }

    private void Grow()
    {
        if (Count < ring.Length)
            return;
        var larger = new WaitingRequest[2 * ring.Length];
        for (int i = 0; i < Count; i++)
            larger[i] = this[i];
        ring = larger;
        head = 0;
    }
}
