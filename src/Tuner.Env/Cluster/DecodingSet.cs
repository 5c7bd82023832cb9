using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>The sequences that decode. They advance together, so a step changes one counter, and sums over them are kept as functions of it.</summary>
/// <remarks>
/// A sequence that joined at step j with g tokens has g + (s − j) · rate after step s. The next to end lies on top of a heap. Steps touch
/// no sums, so a run taken step by step and the same run taken at once leave the same state.
/// </remarks>
internal sealed class DecodingSet(SequenceTable seq)
{
    private int[] heap = new int[64];
    private long steps;
    private double atZero; // cached tokens, were the sums carried back to step 0
    private double rates;
    private long sharedBlocks;
    private (long Steps, int Lookahead, int Blocks) counted = (-1, 0, 0);

    /// <summary>Sequences that decode.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens they gain a step, together.</summary>
    public double TokensPerStep => rates;

    /// <summary>Cached tokens they attend to in the next step.</summary>
    public double KvTokens => atZero + (rates * steps);

    /// <summary>Steps until the first of them ends.</summary>
    public long StepsToNextEnd => seq.EndStep[heap[0]] - steps;

    /// <summary>The first of them to end.</summary>
    public int Next => heap[0];

    /// <summary>Lets a sequence decode.</summary>
    /// <param name="row">Its row; <see cref="SequenceTable.Generated"/> says what it has.</param>
    /// <param name="stepsToGo">Steps until its last token, at least 1.</param>
    public void Join(int row, int stepsToGo)
    {
        if (Count == 0)
            (steps, atZero, rates) = (0, 0, 0);
        seq.Decodes[row] = true;
        seq.JoinStep[row] = steps;
        seq.EndStep[row] = steps + stepsToGo;
        seq.Rate[row] = (seq.Output[row] - seq.Generated[row]) / stepsToGo;
        atZero += seq.Prompt[row] + seq.Generated[row] - (steps * seq.Rate[row]);
        rates += seq.Rate[row];
        sharedBlocks += seq.SharedBlocks[row];
        if (Count == heap.Length)
            Array.Resize(ref heap, 2 * Count);
        heap[Count] = row;
        seq.HeapPlace[row] = Count;
        Up(Count++);
        counted.Steps = -1;
    }

    /// <summary>Takes a sequence out; its tokens are then in <see cref="SequenceTable.Generated"/>.</summary>
    public void Leave(int row)
    {
        double generated = Generated(row);
        atZero -= seq.Prompt[row] + seq.Generated[row] - (seq.JoinStep[row] * seq.Rate[row]);
        rates -= seq.Rate[row];
        sharedBlocks -= seq.SharedBlocks[row];
        seq.Generated[row] = generated;
        seq.Decodes[row] = false;
        int place = seq.HeapPlace[row];
        int last = heap[--Count];
        counted.Steps = -1;
        if (last == row)
            return;
        heap[place] = last;
        seq.HeapPlace[last] = place;
        Up(place);
        Down(seq.HeapPlace[last]);
    }

    /// <summary>Output tokens a sequence has now.</summary>
    public double Generated(int row)
        => steps >= seq.EndStep[row] ? seq.Output[row] : seq.Generated[row] + ((steps - seq.JoinStep[row]) * seq.Rate[row]);

    /// <summary>Lives through steps, no more than <see cref="StepsToNextEnd"/>.</summary>
    public void Advance(long count) => steps += count;

    /// <summary>KV blocks the step after so many more needs, shared prefixes not counted: at most so many, without looking at each.</summary>
    public long MostBlocks(long ahead, int lookahead)
        => (long)((KvTokens + (ahead * rates)) / MemoryPlan.BlockTokens) + (Count * (1L + ((lookahead + MemoryPlan.BlockTokens - 1) / MemoryPlan.BlockTokens))) - sharedBlocks;

    /// <summary>The same, exactly: each sequence holds whole blocks for its tokens and those a step may add beyond the next.</summary>
    public int Blocks(long ahead, int lookahead)
    {
        if (ahead == 0 && counted.Steps == steps && counted.Lookahead == lookahead)
            return counted.Blocks;
        long at = steps + ahead;
        int blocks = 0;
        for (int i = 0; i < Count; i++)
        {
            int row = heap[i];
            double generated = at >= seq.EndStep[row] ? seq.Output[row] : seq.Generated[row] + ((at - seq.JoinStep[row]) * seq.Rate[row]);
            blocks += KvMemory.BlocksFor(seq.Prompt[row] + generated + lookahead) - seq.SharedBlocks[row];
        }

        if (ahead == 0)
            counted = (steps, lookahead, blocks);
        return blocks;
    }

    /// <summary>The longest context and what it gains a step; and after how many steps another may be the longest.</summary>
    public (double Tokens, double Growth, long Steps) Longest()
    {
        double longest = -1;
        double rate = 0;
        for (int i = 0; i < Count; i++)
        {
            int row = heap[i];
            double tokens = seq.Prompt[row] + Generated(row);
            if (tokens < longest || (tokens == longest && seq.Rate[row] <= rate))
                continue;
            (longest, rate) = (tokens, seq.Rate[row]);
        }

        double until = long.MaxValue;
        for (int i = 0; i < Count; i++)
        {
            int row = heap[i];
            if (seq.Rate[row] > rate)
                until = Math.Min(until, (longest - seq.Prompt[row] - Generated(row)) / (seq.Rate[row] - rate));
        }

        return (longest, rate, until < int.MaxValue ? 1 + (long)until : int.MaxValue);
    }

    /// <summary>Becomes a copy of another set; its table has been copied.</summary>
    public void CopyFrom(DecodingSet other)
    {
        (Count, steps, atZero, rates, sharedBlocks, counted) = (other.Count, other.steps, other.atZero, other.rates, other.sharedBlocks, other.counted);
        if (heap.Length < Count)
            heap = new int[other.heap.Length];
        Array.Copy(other.heap, heap, Count);
    }

    private bool Before(int a, int b) => seq.EndStep[a] != seq.EndStep[b] ? seq.EndStep[a] < seq.EndStep[b] : seq.Ticket[a] < seq.Ticket[b];

    private void Up(int place)
    {
        int row = heap[place];
        while (place > 0)
        {
            int parent = (place - 1) >> 1;
            if (!Before(row, heap[parent]))
                break;
            Put(heap[parent], place);
            place = parent;
        }

        Put(row, place);
    }

    private void Down(int place)
    {
        int row = heap[place];
        while (true)
        {
            int child = (2 * place) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && Before(heap[child + 1], heap[child]))
                child++;
            if (!Before(heap[child], row))
                break;
            Put(heap[child], place);
            place = child;
        }

        Put(row, place);
    }

    private void Put(int row, int place)
    {
        heap[place] = row;
        seq.HeapPlace[row] = place;
    }
}
