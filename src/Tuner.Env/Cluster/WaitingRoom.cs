using Tuner.Env.Measurement;

namespace Tuner.Env.Cluster;

/// <summary>The requests that wait for a place in one replica's batch, and what becomes of those who give up.</summary>
internal sealed class WaitingRoom(ClusterScope scope)
{
    private readonly WaitingQueue queue = new();

    /// <summary>Requests waiting.</summary>
    public int Count => queue.Count;

    /// <summary>The one whose turn is next.</summary>
    public ref readonly WaitingRequest First => ref queue.First;

    /// <summary>The one who came last.</summary>
    public ref readonly WaitingRequest Last => ref queue[queue.Count - 1];

    /// <summary>KV blocks they have in host memory.</summary>
    public int SwappedBlocks { get; private set; }

    /// <summary>No client gives up before; those whose requests run are counted too, once <see cref="Expect"/> has been told of them.</summary>
    public double NextDeadline { get; private set; } = double.PositiveInfinity;

    public ref readonly WaitingRequest this[int index] => ref queue[index];

    /// <summary>Takes a request in, behind all others.</summary>
    public void PushBack(in WaitingRequest item)
    {
        queue.PushBack(item);
        SwappedBlocks += item.Swapped;
        Expect(item.Arrival, item.FirstToken);
    }

    /// <summary>Takes a request back that has lost its place, before all others.</summary>
    public void PushFront(in WaitingRequest item)
    {
        queue.PushFront(item);
        SwappedBlocks += item.Swapped;
        Expect(item.Arrival, item.FirstToken);
    }

    /// <summary>Lets the first one go.</summary>
    public void PopFront()
    {
        SwappedBlocks -= queue.First.Swapped;
        queue.PopFront();
    }

    /// <summary>Whether those who came in time fill a step.</summary>
    /// <param name="sequences">Places left in the batch.</param>
    /// <param name="tokenBudget">Most tokens in a step.</param>
    /// <param name="inTime">Whoever came later does not count, seconds.</param>
    public bool Fills(int sequences, int tokenBudget, double inTime)
    {
        long tokens = 0;
        int known = 0;
        for (int i = 0; i < queue.Count; i++)
        {
            ref readonly WaitingRequest item = ref queue[i];
            if (item.Since > inTime)
                continue;
            tokens += scope.Trace.PromptTokens[item.Request];
            if (tokens >= tokenBudget || ++known >= sequences)
                return true;
        }

        return false;
    }

    /// <summary>Turns away requests that a smaller KV memory will never hold, or they would block the others for ever.</summary>
    public void RefuseUnlessHeld(Admission admission, int replica, double now)
    {
        for (int left = queue.Count; left > 0; left--)
        {
            WaitingRequest item = queue.First;
            PopFront();
            if (admission.CanHold(item.Request))
                PushBack(item);
            else
                GiveUp(item, replica, now, RequestEnding.NoRoom);
        }
    }

    /// <summary>Drops those whose clients have given up; the next deadline is then that of those left.</summary>
    public void DropWhoGaveUp(int replica, double now)
    {
        NextDeadline = double.PositiveInfinity;
        for (int left = queue.Count; left > 0; left--)
        {
            WaitingRequest item = queue.First;
            PopFront();
            double deadline = scope.Deadline(item.Arrival, !double.IsNaN(item.FirstToken));
            if (deadline > now)
                PushBack(item);
            else
                GiveUp(item, replica, deadline, RequestEnding.TimedOut);
        }
    }

    /// <summary>Minds the deadline of a request that runs or waits.</summary>
    public void Expect(double arrival, double firstToken) => NextDeadline = Math.Min(NextDeadline, scope.Deadline(arrival, !double.IsNaN(firstToken)));

    /// <summary>Becomes a copy of another.</summary>
    public void CopyFrom(WaitingRoom other)
    {
        queue.CopyFrom(other.queue);
        (SwappedBlocks, NextDeadline) = (other.SwappedBlocks, other.NextDeadline);
    }

    private void GiveUp(in WaitingRequest item, int replica, double when, RequestEnding why)
    {
        RequestOutcome refused = RequestOutcome.Refused(scope.Trace, item.Request, item.Arrival, when, why);
        scope.Collector.Ended(why == RequestEnding.TimedOut ? refused with { FirstTokenSeconds = item.FirstToken, OutputTokens = (int)item.Generated } : refused);
        scope.Observer?.Happened(new RequestEvent(why == RequestEnding.TimedOut ? RequestEventKind.TimedOut : RequestEventKind.Refused, item.Request, replica, when));
    }
}
