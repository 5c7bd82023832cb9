using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>Attention of one new token of each sequence over a paged KV cache.</summary>
/// <remarks>
/// One thread takes a sequence and key/value head and reads its cache once for all query heads of the group. A long context
/// is not split over threads: with fewer sequences × heads than threads some stay idle.
/// </remarks>
public static unsafe class DecodeAttention
{
    private const int Block = PagedKvCache.BlockTokens;

    /// <summary>Keys of one softmax step: four blocks spread the price of the rescaling.</summary>
    private const int Keys = 4 * Block;

    /// <summary>Attends.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="tables">[sequences, width]: where each sequence's blocks lie, in order of its tokens.</param>
    /// <param name="contexts">Cached tokens of each sequence, at least 1 and at most 16 × width.</param>
    /// <param name="query">[sequences, heads, headDim].</param>
    /// <param name="output">Receives [sequences, heads, headDim].</param>
    /// <exception cref="ArgumentException">A span has another size, a context does not fit its table, or a block is not in the cache.</exception>
    public static void Attend(CpuTeam team, PagedKvCache cache, ReadOnlySpan<int> tables, ReadOnlySpan<int> contexts, ReadOnlySpan<float> query, Span<float> output)
    {
        AttentionShape shape = cache.HeadShape;
        int width = contexts.IsEmpty ? 0 : tables.Length / contexts.Length;
        Shape.Require(tables.Length, (long)width * contexts.Length, nameof(tables));
        Shape.Require(query.Length, (long)contexts.Length * shape.Heads * shape.HeadDim, nameof(query));
        Shape.Require(output.Length, query.Length, nameof(output));
        for (int i = 0; i < contexts.Length; i++)
        {
            if (contexts[i] < 1 || contexts[i] > width * Block)
                throw new ArgumentException($"Sequence {i} has {contexts[i]} cached tokens; its table holds 1 to {width * Block}.", nameof(contexts));
            if (tables.Slice(i * width, (contexts[i] + Block - 1) / Block).ContainsAnyExceptInRange(0, cache.Blocks - 1))
                throw new ArgumentException($"Sequence {i} names a block outside the cache's {cache.Blocks}.", nameof(tables));
        }

        int group = shape.Group;
        team.Reserve((long)((group * ((2 * shape.PaddedDim) + Keys + 2)) + (Block * shape.PaddedDim)) * sizeof(float));
        fixed (int* blocks = tables, tokens = contexts)
        fixed (float* q = query, o = output)
        {
            var call = new Call { Team = team, Cache = cache, Tables = blocks, Width = width, Contexts = tokens, Query = q, Output = o };
#pragma warning disable CS8500 // The references stay alive on this stack frame until every item is done.
            team.Run(contexts.Length * shape.KvHeads, &Head, &call);
#pragma warning restore CS8500
        }
    }

    /// <summary>All query heads of one sequence and key/value head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Head(int item, int worker, void* state)
    {
        ref Call call = ref Unsafe.AsRef<Call>(state);
        AttentionShape shape = call.Cache.HeadShape;
        int sequence = item / shape.KvHeads;
        int head = item % shape.KvHeads;
        int group = shape.Group;
        int padded = shape.PaddedDim;
        int context = call.Contexts[sequence];
        int* table = call.Tables + ((long)sequence * call.Width);
        long offset = (((long)sequence * shape.Heads) + (head * group)) * shape.HeadDim;

        // The buffer comes first: its rows, like the cache's, start at a cache line.
        float* buffer = call.Team.Scratch(worker);
        float* query = buffer + (Block * padded);
        float* result = query + (group * padded);
        float* scores = result + (group * padded);
        float* largest = scores + (group * Keys);
        float* sum = largest + group;
        new Span<float>(query, 2 * group * padded).Clear();
        new Span<float>(largest, group).Fill(OnlineSoftmax.Masked);
        new Span<float>(sum, group).Clear();
        for (int row = 0; row < group; row++)
        {
            for (int d = 0; d < shape.HeadDim; d++)
                query[(row * padded) + d] = call.Query[offset + (row * shape.HeadDim) + d] * shape.Scale;
        }

        for (int first = 0; first < context; first += Keys)
        {
            int count = Math.Min(Keys, context - first);
            int blocks = (count + Block - 1) / Block;
            for (int block = 0; block < blocks; block++)
                Score(query, group, padded, call.Cache.Keys(table[(first / Block) + block], head, buffer), scores + (block * Block));
            for (int row = 0; row < group; row++)
            {
                new Span<float>(scores + (row * Keys) + count, Keys - count).Fill(OnlineSoftmax.Masked);
                OnlineSoftmax.Step(scores + (row * Keys), Keys, ref largest[row], ref sum[row], result + (row * padded), padded);
            }

            for (int block = 0; block < blocks; block++)
            {
                int tokens = Math.Min(Block, count - (block * Block));
                float* values = call.Cache.Values(table[(first / Block) + block], head, buffer);
                for (int column = 0; column < padded; column += Panel.Columns)
                    Panel.Accumulate(scores + (block * Block), Keys, group, values + column, padded, tokens, result + column, padded);
            }
        }

        for (int row = 0; row < group; row++)
        {
            for (int d = 0; d < shape.HeadDim; d++)
                call.Output[offset + (row * shape.HeadDim) + d] = result[(row * padded) + d] / sum[row];
        }
    }

    /// <summary>Scores of a block's 16 keys for each query head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* query, int group, int padded, float* keys, float* scores)
    {
        for (int row = 0; row < group; row += 2)
        {
            int other = Math.Min(row + 1, group - 1);
            for (int key = 0; key < Block; key += 4)
                Dots(query + (row * padded), query + (other * padded), keys + (key * padded), padded, scores + (row * Keys) + key, scores + (other * Keys) + key);
        }
    }

    /// <summary>Two queries times four keys: eight sums in registers, and each key is loaded once for both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dots(float* q0, float* q1, float* key, int padded, float* scores0, float* scores1)
    {
        Vector<float> a0 = Vector<float>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        float* key1 = key + padded;
        float* key2 = key1 + padded;
        float* key3 = key2 + padded;
        for (int d = 0; d < padded; d += Vector<float>.Count)
        {
            Vector<float> x = Vector.Load(q0 + d), y = Vector.Load(q1 + d);
            Vector<float> k = Vector.Load(key + d);
            a0 = Vector.FusedMultiplyAdd(x, k, a0);
            b0 = Vector.FusedMultiplyAdd(y, k, b0);
            k = Vector.Load(key1 + d);
            a1 = Vector.FusedMultiplyAdd(x, k, a1);
            b1 = Vector.FusedMultiplyAdd(y, k, b1);
            k = Vector.Load(key2 + d);
            a2 = Vector.FusedMultiplyAdd(x, k, a2);
            b2 = Vector.FusedMultiplyAdd(y, k, b2);
            k = Vector.Load(key3 + d);
            a3 = Vector.FusedMultiplyAdd(x, k, a3);
            b3 = Vector.FusedMultiplyAdd(y, k, b3);
        }

        scores0[0] = Vector.Sum(a0);
        scores0[1] = Vector.Sum(a1);
        scores0[2] = Vector.Sum(a2);
        scores0[3] = Vector.Sum(a3);
        scores1[0] = Vector.Sum(b0);
        scores1[1] = Vector.Sum(b1);
        scores1[2] = Vector.Sum(b2);
        scores1[3] = Vector.Sum(b3);
    }

    private ref struct Call
    {
        public CpuTeam Team;
        public PagedKvCache Cache;
        public int* Tables;
        public int Width;
        public int* Contexts;
        public float* Query;
        public float* Output;
    }
}
