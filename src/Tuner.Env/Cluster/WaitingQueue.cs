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
