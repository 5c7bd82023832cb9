using Tuner.Env.Traffic;

namespace Tuner.Env.Cluster;

/// <summary>The admitted sequences of a replica, column by column. A sequence keeps its row until it leaves; lists of rows keep the order of admission.</summary>
internal sealed class SequenceTable
{
    public int[] Request;
    public int[] Prompt;
    public int[] Output; // tokens the client reads, fewer than the trace's when it breaks off
    public int[] Target; // tokens to process before it decodes: the prompt, and what it had produced before it lost its place
    public int[] Done; // of them, processed
    public int[] Chunk; // of them, in the step under way
    public int[] OwnBlocks; // KV blocks set aside while it does not decode
    public int[] SharedPrefix; // leading trace blocks held in the prefix cache
    public int[] SharedBlocks; // the same in KV blocks
    public long[] Ticket; // number of its admission
    public long[] JoinStep; // decode steps the replica had done when it began to decode
    public long[] EndStep; // decode steps at which its last token comes
    public int[] HeapPlace;
    public bool[] Decodes;
    public double[] Rate; // tokens a decode step
    public double[] Generated; // output tokens when it began to decode
    public double[] Arrival;
    public double[] FirstToken;
    public double[] Ready; // when its KV is in GPU memory
    public double[] LossTokens;
    public TrafficClass[] Class;

    private int[] order;
    private int[] prefill;
    private int[] unused;
    private int unusedCount;
    private int rows;
    private long tickets;

    public SequenceTable(int capacity)
    {
        (Request, Prompt, Output, Target, Done, Chunk) = (new int[capacity], new int[capacity], new int[capacity], new int[capacity], new int[capacity], new int[capacity]);
        (OwnBlocks, SharedPrefix, SharedBlocks, HeapPlace) = (new int[capacity], new int[capacity], new int[capacity], new int[capacity]);
        (Ticket, JoinStep, EndStep) = (new long[capacity], new long[capacity], new long[capacity]);
        (Rate, Generated, Arrival, FirstToken, Ready, LossTokens) = (new double[capacity], new double[capacity], new double[capacity], new double[capacity], new double[capacity], new double[capacity]);
        Class = new TrafficClass[capacity];
        Decodes = new bool[capacity];
        (order, prefill, unused) = (new int[capacity], new int[capacity], new int[capacity]);
    }

    /// <summary>Sequences admitted.</summary>
    public int Count { get; private set; }

    /// <summary>Of them, those that do not decode yet.</summary>
    public int PrefillCount { get; private set; }

    /// <summary>Rows in order of admission.</summary>
    public ReadOnlySpan<int> Order => order.AsSpan(0, Count);

    /// <summary>Rows of sequences that do not decode yet, in order of admission.</summary>
    public ReadOnlySpan<int> Prefill => prefill.AsSpan(0, PrefillCount);

    /// <summary>The row of the sequence admitted last.</summary>
    public int Last => order[Count - 1];

    /// <summary>Takes a row for a new sequence, which does not decode yet; all but its ticket is to be filled in.</summary>
    public int Add()
    {
        int row = unusedCount > 0 ? unused[--unusedCount] : rows++;
        if (row == Request.Length)
            Grow(2 * row);
        order[Count++] = row;
        prefill[PrefillCount++] = row;
        Ticket[row] = tickets++;
        return row;
    }

    /// <summary>Ends a sequence's prefill: from now on it decodes.</summary>
    public void EndPrefill(int row)
    {
        Take(prefill, PrefillCount, row);
        PrefillCount--;
    }

    /// <summary>Gives up a row.</summary>
    public void Remove(int row, bool decodes)
    {
        if (!decodes)
            EndPrefill(row);
        Take(order, Count, row);
        Count--;
        unused[unusedCount++] = row;
    }

    /// <summary>Becomes a copy of another table.</summary>
    public void CopyFrom(SequenceTable other)
    {
        if (Request.Length < other.Request.Length)
            Grow(other.Request.Length);
        int n = rows = other.rows;
        Array.Copy(other.Request, Request, n);
        Array.Copy(other.Prompt, Prompt, n);
        Array.Copy(other.Output, Output, n);
        Array.Copy(other.Target, Target, n);
        Array.Copy(other.Done, Done, n);
        Array.Copy(other.Chunk, Chunk, n);
        Array.Copy(other.OwnBlocks, OwnBlocks, n);
        Array.Copy(other.SharedPrefix, SharedPrefix, n);
        Array.Copy(other.SharedBlocks, SharedBlocks, n);
        Array.Copy(other.Ticket, Ticket, n);
        Array.Copy(other.JoinStep, JoinStep, n);
        Array.Copy(other.EndStep, EndStep, n);
        Array.Copy(other.HeapPlace, HeapPlace, n);
        Array.Copy(other.Rate, Rate, n);
        Array.Copy(other.Generated, Generated, n);
        Array.Copy(other.Arrival, Arrival, n);
        Array.Copy(other.FirstToken, FirstToken, n);
        Array.Copy(other.Ready, Ready, n);
        Array.Copy(other.LossTokens, LossTokens, n);
        Array.Copy(other.Class, Class, n);
        Array.Copy(other.Decodes, Decodes, n);
        (Count, PrefillCount, unusedCount, tickets) = (other.Count, other.PrefillCount, other.unusedCount, other.tickets);
        Array.Copy(other.order, order, Count);
        Array.Copy(other.prefill, prefill, PrefillCount);
        Array.Copy(other.unused, unused, unusedCount);
    }

    private static void Take(int[] rows, int count, int row)
    {
        int at = Array.IndexOf(rows, row, 0, count);
        Array.Copy(rows, at + 1, rows, at, count - at - 1);
    }

    private void Grow(int capacity)
    {
        Array.Resize(ref Request, capacity);
        Array.Resize(ref Prompt, capacity);
        Array.Resize(ref Output, capacity);
        Array.Resize(ref Target, capacity);
        Array.Resize(ref Done, capacity);
        Array.Resize(ref Chunk, capacity);
        Array.Resize(ref OwnBlocks, capacity);
        Array.Resize(ref SharedPrefix, capacity);
        Array.Resize(ref SharedBlocks, capacity);
        Array.Resize(ref Ticket, capacity);
        Array.Resize(ref JoinStep, capacity);
        Array.Resize(ref EndStep, capacity);
        Array.Resize(ref HeapPlace, capacity);
        Array.Resize(ref Rate, capacity);
        Array.Resize(ref Generated, capacity);
        Array.Resize(ref Arrival, capacity);
        Array.Resize(ref FirstToken, capacity);
        Array.Resize(ref Ready, capacity);
        Array.Resize(ref LossTokens, capacity);
        Array.Resize(ref Class, capacity);
        Array.Resize(ref Decodes, capacity);
        Array.Resize(ref order, capacity);
        Array.Resize(ref prefill, capacity);
        Array.Resize(ref unused, capacity);
    }
}
